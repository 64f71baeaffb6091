import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { Logger } from '../telemetry/logger';

/**
 * Connections that may wait to be accepted, as far as the system allows. Those that find no room try
 * again a second later.
 */
const BACKLOG = 4_096;

/**
 * How many connections are accepted per turn of the event loop. libuv accepts one from each handle,
 * since version 1.46. In a flood a turn takes 10 ms and more, and with one handle a health check
 * waited for 25 s behind others that had not been accepted. Each costs a connection a microsecond.
 */
const HANDLES = 32;

/** Time, in milliseconds, in which the helper must have returned the handles. */
const HELPER_TIMEOUT_MS = 10_000;

/**
 * Returns each handle that it is sent. A handle that was sent between processes is a duplicate: of
 * the same listening socket, but with a descriptor of its own, which Node has no other way to make.
 */
const HELPER = `process.on('message', (number, handle) => process.send(number, handle));`;

/**
 * Listens on a port, soon with several handles on one socket. Returns how to stop listening: it
 * resolves when all connections are closed.
 *
 * If there can't be several handles, one must do.
 *
 * @throws An error of the system, such as `EADDRINUSE`.
 */
export async function listen(
  server: HttpServer,
  port: number,
  logger: Logger,
): Promise<{ stop: () => Promise<void>; hasSeveralHandles: Promise<boolean> }> {
  server.listen({ port, backlog: BACKLOG });
  await once(server, 'listening');
  const listening: Server[] = [server];
  const hasSeveralHandles = duplicateHandle(server, (handle) => {
    listening.push(acceptFor(server, handle));
  }).then(
    () => true,
    (error: unknown) => {
      logger.warn('Connections are accepted one at a time', { error });
      return false;
    },
  );
  return {
    hasSeveralHandles,
    stop: async () => {
      await hasSeveralHandles;
      await Promise.all(listening.map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

/** Calls `use` with each duplicate of a server's handle. */
async function duplicateHandle(server: Server, use: (handle: unknown) => void): Promise<void> {
  const helper = spawn(process.execPath, ['-e', HELPER], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {},
  });
  const signal = AbortSignal.timeout(HELPER_TIMEOUT_MS);
  // Node's types know servers and sockets, which are sent by their handles.
  const { _handle: handle } = server as unknown as { _handle: Server };
  try {
    for (let number = 1; number < HANDLES; number += 1) {
      const returned = once(helper, 'message', { signal });
      helper.send(number, handle);
      const [, duplicate] = (await returned) as [number, unknown];
      use(duplicate);
    }
  } finally {
    helper.kill();
  }
}

/** Accepts connections from one more handle, as if the server itself had. */
function acceptFor(server: HttpServer, handle: unknown): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.emit('connection', socket);
  }).listen(handle);
}
