import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/**
 * A port of this machine that nobody listens on at this moment, and that this process has not given
 * or spoken for yet. It is below those that the system gives to whoever asks for any, also to
 * connect: nobody takes it by chance before it is listened on. Temporal's PostgreSQL schema has no
 * room for larger numbers, either.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, LARGEST + 1);
    if (spokenFor.has(port)) continue;
    spokenFor.add(port);
    if ((await portTrouble(port)) === undefined) return port;
  }
}

/** Keeps a port for what will listen on it later: {@link freePort} gives it to nobody else. */
export function keepPort(port: number): void {
  spokenFor.add(port);
}

const spokenFor = new Set<number>();

const LOWEST = 20_000;
/** Of a `smallint`. */
const LARGEST = 32_767;

/** Why the port can't be listened on, as an error code, or undefined when it can. */
export async function portTrouble(port: number): Promise<string | undefined> {
  for (const host of ['127.0.0.1', '::']) {
    try {
      await close(await listen(port, host));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Machines without IPv6 have no `::` to listen on.
      if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') return code;
    }
  }
  return undefined;
}

async function listen(port: number, host: string): Promise<net.Server> {
  const server = net.createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

async function close(server: net.Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
