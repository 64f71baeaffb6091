import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { WORKFLOW_INTERCEPTORS_PATH } from '../src/telemetry/tracing/tracing';
import { BUNDLED_CONVERTERS } from '../src/temporal/encryption/data-converter';
import { RESERVED_NAMES_PATH } from '../src/temporal/reserved-names-path';

/**
 * The last step of the build: the workflows as one file, which workers load instead of bundling at
 * every start. Workers name it in WORKFLOW_BUNDLE.
 */
async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../src/workflows'),
    ...BUNDLED_CONVERTERS,
    workflowInterceptorModules: [WORKFLOW_INTERCEPTORS_PATH, RESERVED_NAMES_PATH],
    logger: new DefaultLogger('WARN'),
  });
  const file = path.resolve(process.argv[2] ?? 'dist/workflow-bundle.js');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code);
  console.log(`${path.relative('.', file)}: ${(code.length / 1e6).toFixed(1)} MB`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
