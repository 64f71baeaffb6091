import path from 'node:path';
import type { Service } from './service';

/** Loaded first into every process of ours: makes TypeScript run. */
export const CHILD = path.join(__dirname, 'child.cjs');

/** The worker's heap is bounded with the workflows that it caches: see src/worker/main.ts. */
const FLAGS = { api: [], worker: ['--max-old-space-size=448'] };

const TITLES = { api: 'The API', worker: 'The worker' };

/**
 * The API or a worker, as TypeScript, each in a process of its own; of several, each has a name of
 * its own, too.
 */
export function ourService(
  kind: 'api' | 'worker',
  name: string,
  env: NodeJS.ProcessEnv,
  runDir: string,
  untilServing: () => Promise<boolean>,
): Service {
  return {
    name,
    title: `${TITLES[kind]}${name.slice(kind.length).replace('-', ' ')}`,
    prepare: () =>
      Promise.resolve({
        command: process.execPath,
        // The last argument is for whoever looks for this process later: it says which stack's it
        // is.
        args: [
          ...FLAGS[kind],
          '--require',
          CHILD,
          path.join('src', kind, 'main.ts'),
          path.join(runDir, `${name}.pid`),
        ],
        env,
      }),
    untilServing,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
  };
}
