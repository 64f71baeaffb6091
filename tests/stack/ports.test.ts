import net from 'node:net';
import { once } from 'node:events';
import { freePort, keepPort } from '../../scripts/stack/ports';

/** All that may be given, but for these few. */
const LEFT = [20_000, 25_000, 32_767];

beforeAll(() => {
  for (let port = 20_000; port <= 32_767; port += 1) if (!LEFT.includes(port)) keepPort(port);
});

test('a port is given once, is none that was kept, and is none that somebody listens on', async () => {
  const [taken, ...free] = LEFT;
  const listener = net.createServer().listen(taken, '127.0.0.1');
  await once(listener, 'listening');
  try {
    const given = [await freePort(), await freePort()];
    expect(given.toSorted((a, b) => a - b)).toEqual(free);
  } finally {
    listener.close();
  }
});
