import path from 'node:path';
import { CHILD } from '../../scripts/stack/our-services';
import type { Service } from '../../scripts/stack/service';
import { ROOT } from '../../scripts/stack/settings';

interface PeerProcess {
  /** Of its pid file. */
  name: string;
  /** Below `bench/peers`. */
  script: string;
  env: Record<string, string>;
  runDir: string;
  untilServing: () => Promise<boolean>;
}

/** A peer's process: TypeScript, run the way ours is. */
export function peerService({ name, script, env, runDir, untilServing }: PeerProcess): Service {
  const { PATH, HOME } = process.env;
  return {
    name,
    title: name,
    prepare: () =>
      Promise.resolve({
        command: process.execPath,
        // The last argument says which run's process it is.
        args: [
          ...['--max-old-space-size=448', '--require', CHILD],
          path.join(ROOT, 'bench/peers', script),
          path.join(runDir, `${name}.pid`),
        ],
        env: { PATH, HOME, NODE_ENV: 'development', ...env },
      }),
    untilServing,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
  };
}
