import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundling } from '../src/worker/bundling';

/**
 * The last step of the build: the workflows as one file, which workers load instead of bundling at
 * every start. Workers name it in WORKFLOW_BUNDLE.
 */
async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    ...bundling(require.resolve('../src/workflows')),
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
