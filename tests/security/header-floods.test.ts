import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { openApi, tokenOf, type ApiUnderTest } from '../support/api';

/** Headers by the thousand, twice, or one byte at a time: nobody else waits, and none is believed. */

const CONNECTIONS = 100;

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

function open(api: { url: string } = backend): Socket {
  return connect(Number(new URL(api.url).port), '127.0.0.1').on('error', () => undefined);
}

async function answerTo(bytes: string): Promise<string> {
  const socket = open();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

const request = (path: string, headers: string) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`;

const manyHeaders = (count: number) =>
  Array.from({ length: count }, (_, index) => `x${index}: 1\r\n`).join('');

test('more headers than 16 kB hold are refused, however short each of them is', async () => {
  expect(await answerTo(request('/livez', manyHeaders(5_000)))).toMatch(/^HTTP\/1\.1 431 /);
});

test('a thousand headers are no more than a few', async () => {
  expect(await answerTo(request('/livez', manyHeaders(1_000)))).toMatch(/^HTTP\/1\.1 200 /);
});

test('of two tokens the first counts: none is slipped in behind another', async () => {
  const good = `Authorization: Bearer ${await tokenOf({ sub: 'ada' })}\r\n`;
  const bad = 'Authorization: Bearer a.b.c\r\n';
  expect(await answerTo(request('/api/v1/bookings', bad + good))).toMatch(/^HTTP\/1\.1 401 /);
  expect(await answerTo(request('/api/v1/bookings', good + bad))).toMatch(/^HTTP\/1\.1 200 /);
});

test('two idempotency keys are none', async () => {
  const token = `Authorization: Bearer ${await tokenOf({ sub: 'ada' })}\r\n`;
  const keys = 'x-idempotency-key: one\r\nx-idempotency-key: two\r\n';
  const head = `POST /api/v1/bookings HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${token}${keys}`;
  const answer = await answerTo(
    `${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"idempotency_key_invalid"');
});

test(`${CONNECTIONS} connections with floods of headers keep nobody waiting`, async () => {
  const floods = Array.from({ length: CONNECTIONS }, () => {
    const socket = open();
    socket.resume().write(request('/api/v1/bookings', manyHeaders(1_500)).slice(0, -2));
    return socket;
  });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => backend.anyone.get('/api/v1/airports?q=new')),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  for (const socket of floods) socket.destroy();
});

test('who sends headers a byte at a time is cut off at the same time as who sends none', async () => {
  const api = await backend.startApi({ keepAliveSeconds: 1 });
  const socket = open(api);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nx: ');
  const drip = setInterval(() => socket.write('1'), 50);
  await once(socket, 'close');
  clearInterval(drip);
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
});
