import path from 'node:path';
import type { Service } from './service';

/** Loaded first into every process of ours: makes TypeScript run. */
export const CHILD = path.join(__dirname, 'child.cjs');

/** The API or the worker, as TypeScript, each in a process of its own. */
export function ourService(
  name: 'api' | 'worker',
  env: NodeJS.ProcessEnv,
  runDir: string,
  untilServing: () => Promise<boolean>,
): Service {
  return {
    name,
    title: name === 'api' ? 'The API' : 'The worker',
    prepare: () =>
      Promise.resolve({
        command: process.execPath,
        // The last argument is for whoever looks for this process later: it says which stack's it is.
        args: [
          '--require',
          CHILD,
          path.join('src', name, 'main.ts'),
          path.join(runDir, `${name}.pid`),
        ],
        env,
      }),
    untilServing,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
  };
}
