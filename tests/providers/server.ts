import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../scripts/stack/ports';
import { waitUntil } from '../../src/cli/wait';
import { PATIENCE_MS } from '../support/patience';

/** A server of somebody else's, on a free port of the loopback interface. */
export interface Server {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** Runs a program until our end of the pipe closes, which happens however this process ends. */
const UNTIL_PIPE_CLOSES = '"$@" & read -r _; kill -KILL $!';

/** Starts what the command, given a port, says, and waits until it answers. */
export async function startServer(
  command: (port: number) => string[],
  env: Record<string, string> = {},
): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const shell = spawn('sh', ['-c', UNTIL_PIPE_CLOSES, 'sh', ...command(port)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  });
  await waitUntil(
    () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error(`${command(port).join(' ')} does not answer`),
    },
  );
  return {
    url,
    port,
    stop: async () => {
      const exit = once(shell, 'exit');
      shell.stdin.end();
      await exit;
    },
  };
}
