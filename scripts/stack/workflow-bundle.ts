import path from 'node:path';
import { runCommand } from './commands';
import { StackFailure } from './failure';
import { CHILD } from './our-services';
import { ROOT } from './settings';
import { isUpToDate } from './up-to-date';

/** What ends up in the bundle, or decides which packages do. */
export const BUNDLED = [
  'src/workflows',
  'src/domain',
  'src/temporal',
  'src/telemetry/tracing',
  'src/worker/bundling.ts',
  'package-lock.json',
];

const SCRIPT = 'scripts/bundle-workflows.ts';

/** Bundles the workflows into the file, in a process that ends: webpack's memory goes with it. */
export async function bundleWorkflows(file: string): Promise<void> {
  const script = path.join(ROOT, SCRIPT);
  const { exitCode, stderr } = await runCommand(
    process.execPath,
    ['--require', CHILD, script, file],
    {
      timeoutMs: 120_000,
    },
  );
  if (exitCode !== 0) throw new StackFailure("The workflows can't be bundled.", stderr);
}

/** Returns whether the bundle is what its sources make now. */
export function isBundleUpToDate(file: string): boolean {
  return isUpToDate(
    file,
    [...BUNDLED, SCRIPT].map((source) => path.join(ROOT, source)),
  );
}
