import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './commands';
import { StackFailure } from './failure';
import { CHILD } from './our-services';
import { ROOT } from './settings';

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

/** Returns whether the bundle is younger than all that it is made from. */
export function isUpToDate(file: string): boolean {
  const madeAt = changedAt(file);
  return (
    madeAt !== undefined &&
    [...BUNDLED, SCRIPT].every((source) => isOlder(path.join(ROOT, source), madeAt))
  );
}

function isOlder(source: string, instant: number): boolean {
  const own = changedAt(source);
  if (own === undefined || own >= instant) return false;
  if (!statSync(source).isDirectory()) return true;
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).every((entry) => {
    const at = changedAt(path.join(source, entry));
    return at !== undefined && at < instant;
  });
}

function changedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
