import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import winston from 'winston';
import { freePort } from '../../scripts/stack/ports';
import { listen } from '../../src/api/listen';

/** A flood of connections, and a process that has much else to do. */

const CONNECTIONS = 128;

/** How many turns of the event loop it takes to accept connections that all wait already. */
async function turnsToAccept(server: ReturnType<typeof createServer>, port: number) {
  let accepted = 0;
  let turns = 0;
  server.on('connection', () => (accepted += 1));
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
  while (accepted < CONNECTIONS) {
    await new Promise((resolve) => setImmediate(resolve));
    if (accepted > 0) turns += 1;
  }
  return { turns, sockets };
}

test('waiting connections are accepted many at a time, and answered; then the port is free again', async () => {
  const port = await freePort();
  const server = createServer((_req, res) => res.end('well'));
  const { hasSeveralHandles, stop } = await listen(
    server,
    port,
    winston.createLogger({ silent: true }),
  );
  expect(await hasSeveralHandles).toBe(true);

  const { turns, sockets } = await turnsToAccept(server, port);
  expect(turns).toBeLessThan(CONNECTIONS / 4);
  for (const socket of sockets) {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  }

  const closed = sockets.map((socket) => once(socket, 'close'));
  await stop();
  await Promise.all(closed);
  const again = createServer().listen(port);
  await once(again, 'listening');
  again.close();
});

test('a port that is taken is an error', async () => {
  const taken = createServer().listen(0);
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await expect(
    listen(createServer(), port, winston.createLogger({ silent: true })),
  ).rejects.toThrow('EADDRINUSE');
  taken.close();
});
