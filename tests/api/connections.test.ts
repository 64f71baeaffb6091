import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { apiConfig } from '../../src/config';
import { AUTH, openApi, type ApiUnderTest } from '../support/api';
import { TEST_KEY } from '../support/encryption';

/**
 * Connections are kept for longer than those in front of us keep them, and not for those who stall.
 */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

const REQUEST = 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n';

function open(api: { url: string }): Socket {
  return connect(Number(new URL(api.url).port), '127.0.0.1');
}

async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  return text;
}

test('a balancer may use a connection again for 65 seconds', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<{ keepAlive: string | undefined; port: number | undefined }>((resolve, reject) => {
      const asked = request(`${backend.url}/livez`, { agent }, (answer) => {
        const port = asked.socket?.localPort;
        answer.resume();
        const keepAlive = answer.headers['keep-alive']?.toString();
        answer.on('end', () => resolve({ keepAlive, port }));
      });
      asked.on('error', reject);
      asked.end();
    });
  const [first, second] = [await ask(), await ask()];
  agent.destroy();
  expect(first.keepAlive).toBe('timeout=65');
  expect(second.port).toBe(first.port);
});

test('an idle connection is closed when its time is over, and not before', async () => {
  const api = await backend.startApi({ keepAliveSeconds: 1 });
  const socket = open(api);
  const answers = allOf(socket);
  socket.write(REQUEST);
  await once(socket, 'data');
  const idleSince = performance.now();
  expect((await answers).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  expect(performance.now() - idleSince).toBeGreaterThan(900);
});

test('who never ends their headers is told so, and let go', async () => {
  const api = await backend.startApi({ keepAliveSeconds: 1 });
  const socket = open(api);
  const answers = allOf(socket);
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  const text = await answers;
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(text).toMatch(/"code":"request_timeout"/);
  expect(text).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r$/m);
});

test('there are no more connections than a process has memory for, and those that only wait make room', async () => {
  const api = await backend.startApi({ maxConnections: 2 });
  const idle = [open(api), open(api)];
  for (const socket of idle) {
    socket.write(REQUEST);
    await once(socket, 'data');
  }
  const closed = idle.map((socket) => once(socket.resume(), 'close'));
  const oneTooMany = open(api);
  oneTooMany.on('error', () => undefined);
  expect(await allOf(oneTooMany)).toBe('');
  await Promise.all(closed);
  const next = open(api);
  next.write(REQUEST);
  const [answer] = (await once(next, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  next.destroy();
});

describe('settings', () => {
  const given = {
    DATABASE_URL: 'postgres://localhost/flights',
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
    AUTH_JWT_SECRET: AUTH.secret,
    AUTH_ISSUER: AUTH.issuer,
    AUTH_AUDIENCE: AUTH.audience,
  };

  test('keep a connection for 65 seconds, and know no pages of others, unless told to', () => {
    expect(apiConfig(given)).toMatchObject({ keepAliveSeconds: 65, corsOrigins: [] });
    const told = {
      KEEP_ALIVE_SECONDS: '20',
      CORS_ORIGINS: 'https://a.example, http://b.example:81',
    };
    expect(apiConfig({ ...given, ...told })).toMatchObject({
      keepAliveSeconds: 20,
      corsOrigins: ['https://a.example', 'http://b.example:81'],
    });
  });

  test.each([
    ['KEEP_ALIVE_SECONDS', '0'],
    ['KEEP_ALIVE_SECONDS', '241'],
    ['KEEP_ALIVE_SECONDS', 'long'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'shop.example'],
    ['CORS_ORIGINS', 'https://shop.example/'],
    ['CORS_ORIGINS', 'https://shop.example/path'],
    ['CORS_ORIGINS', 'https://Shop.example'],
    ['CORS_ORIGINS', 'https://shop.example:443'],
    ['CORS_ORIGINS', 'https://*.example'],
    ['CORS_ORIGINS', 'file:///tmp'],
  ])('%s is not %s', (name, value) => {
    expect(() => apiConfig({ ...given, [name]: value })).toThrow(name);
  });
});
