import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { CHILD } from '../../scripts/stack/our-services';
import { ROOT } from '../../scripts/stack/settings';
import { peakMemoryMb } from './memory';

/** What one run of a command of `flights` took. */
export interface CommandCost {
  command: string;
  exitCode: number | null;
  seconds: number;
  /** The most memory that its process has had, in MB. */
  peakMb: number;
  /** The end of what it printed, where it did not succeed. */
  complaint: string;
}

/** Often enough that little is missed between the last look and the end. */
const LOOKED_AT_EVERY_MS = 25;

/** Runs a command to its end, and watches its memory meanwhile. */
export async function runMeasured(args: string[], env: NodeJS.ProcessEnv): Promise<CommandCost> {
  const begunAt = performance.now();
  const child = spawn(
    process.execPath,
    ['--require', CHILD, path.join(ROOT, 'src/cli/main.ts'), ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-KEPT)));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let peakMb = 0;
  const looking = setInterval(() => {
    peakMb = Math.max(peakMb, peakMemoryMb(child.pid));
  }, LOOKED_AT_EVERY_MS);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(looking);
  process.off('exit', kill);
  return {
    command: args.join(' '),
    exitCode,
    seconds: (performance.now() - begunAt) / 1000,
    peakMb,
    complaint: exitCode === 0 ? '' : output.trim(),
  };
}

const KEPT = 2_000;
