import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { METHODS } from 'node:http';
import { once } from 'node:events';
import { openApi, type ApiUnderTest } from '../support/api';
import type { ProblemBody } from './contract';

/** Whatever bytes are sent: an answer with an ID, and no name of ours made of them. */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

function open(): Socket {
  return connect(Number(new URL(backend.url).port), '127.0.0.1');
}

/**
 * Sends these bytes over a connection of their own; answers all that comes back until it is closed.
 */
async function send(bytes: string | Buffer): Promise<string> {
  const socket = open();
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

const closing = (requestLine: string) =>
  `${requestLine}\r\nHost: api.example\r\nConnection: close\r\n\r\n`;

interface RawAnswer {
  status: number;
  headers: Headers;
  problem: ProblemBody;
}

function parse(answer: string): RawAnswer {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(': ') as [string, string]));
  expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    problem: JSON.parse(body) as ProblemBody,
  };
}

describe('what is no HTTP', () => {
  const padding = 'x'.repeat(20_000);

  test.each([
    ['no method', ' / HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    [
      'a method that nobody knows',
      'STEAL /livez HTTP/1.1\r\nHost: a\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed_request'],
    ['a version that there is not', 'GET /livez HTTP/9.9\r\n\r\n', 400, 'malformed_request'],
    ['a header without a name', 'GET /livez HTTP/1.1\r\n: x\r\n\r\n', 400, 'malformed_request'],
    [
      'a header in two lines',
      'GET /livez HTTP/1.1\r\nA: b\r\n c\r\nX\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'two lengths',
      'POST /api/v1/bookings HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a length and chunks',
      'POST /api/v1/bookings HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a URL that is too long',
      `GET /${padding} HTTP/1.1\r\nHost: a\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'headers that are too long',
      `GET /livez HTTP/1.1\r\nHost: a\r\nA: ${padding}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('as %s is answered with an ID, a problem, and no more', async (_, bytes, status, code) => {
    const { headers, problem, ...answer } = parse(await send(Buffer.from(bytes, 'latin1')));
    expect(answer.status).toBe(status);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('connection')).toBe('close');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem).toEqual({
      type: `urn:flight-bookings:problem:${code}`,
      title: expect.stringMatching(/./),
      status,
      detail: expect.stringMatching(/\.$/),
      instance: expect.stringMatching(/^urn:/),
      code,
      requestId: headers.get('x-request-id'),
      retry: 'no',
    });
  });

  test('a body that breaks off into nonsense is answered, though its request is being read', async () => {
    const head =
      'POST /api/v1/payment-events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { status, problem } = parse(await send(`${head}5\r\nhello\r\nnonsense\r\n`));
    expect({ status, code: problem.code }).toEqual({ status: 400, code: 'malformed_request' });
  });

  test('behind a good request takes nothing of its answer, and adds nothing to it', async () => {
    const answer = await send('GET /api/v1/flights/1 HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n');
    // Who reads it would take the first status for the good request's.
    expect(answer).not.toMatch(/^HTTP\/1\.1 400/);
  });
});

describe('names of ours', () => {
  interface Scrape {
    labels: Set<string>;
    size: number;
  }

  /** The label sets of the requests that were measured, and how long the whole answer is. */
  async function scrape(): Promise<Scrape> {
    const { text } = await backend.anyone.get('/metrics');
    const labels = text.match(/^http_request_duration_seconds_count\{.*\}/gm) ?? [];
    return { labels: new Set(labels), size: text.length };
  }

  const PATTERNS = [
    'none',
    '/livez',
    '/readyz',
    '/metrics',
    '/docs',
    '/docs/*asset',
    '/codec/session',
    '/codec/decode',
    '/codec/encode',
  ];

  /** Request lines that say one thing in many ways; `x` is new in each. */
  const HOSTILE: ((x: string, method: string) => string)[] = [
    (x) => `GET http://${x}.example/livez HTTP/1.1`,
    (x) => `GET http://${x}.example:99/api/v1/flights HTTP/1.1`,
    (x) => `GET //${x}/livez HTTP/1.1`,
    (x) => `GET /${x}//livez HTTP/1.1`,
    (x) => `GET /livez#${x}/a/b HTTP/1.1`,
    (x) => `GET /livez?${x}/a/b HTTP/1.1`,
    (x) => `GET /livez/?${x}#/${x}/api HTTP/1.1`,
    (x) => `GET /LiveZ/#${x} HTTP/1.1`,
    (x) => `GET /api/v1/flights/${x} HTTP/1.1`,
    (x) => `GET /api/v1/flights/${x}/seats#a/b/${x} HTTP/1.1`,
    (x) => `GET /api/v1/flights/%2f${x}%2fb HTTP/1.1`,
    (x) => `GET /api/v1/flights/%${x} HTTP/1.1`,
    (x) => `GET /api/v1/flights%2f${x} HTTP/1.1`,
    (x) => `GET /api/v1/bookings/${x}/events HTTP/1.1`,
    (x) => `GET /api/v1/${x} HTTP/1.1`,
    (x) => `GET /api/v1/../../${x} HTTP/1.1`,
    (x) => `GET \\${x} HTTP/1.1`,
    (x) => `GET *${x} HTTP/1.1`,
    (x) => `GET /docs/${x} HTTP/1.1`,
    (x) => `GET /docs/a/b/${x}.css HTTP/1.1`,
    (x) => `POST /codec/decode/${x} HTTP/1.1`,
    (x) => `POST /api/v1/payment-events?${x} HTTP/1.1`,
    (x) => `OPTIONS http://${x}/api/v1/info HTTP/1.1`,
    (x) => `OPTIONS /${x} HTTP/1.1`,
    () => 'OPTIONS * HTTP/1.1',
    (x) => `HEAD /api/v1/info#${x} HTTP/1.1`,
    (x) => `CONNECT ${x}.example:443 HTTP/1.1`,
    (x) => `GET ${x} HTTP/1.1`,
    (x, method) => `${method} /api/v1/info/${x} HTTP/1.1`,
    (x, method) => `${method} /api/v1/bookings?${x} HTTP/1.1`,
    (x, method) => `${method} /${x} HTTP/1.1`,
  ];

  const COMMON_METHODS = METHODS.filter((method) => method !== 'CONNECT');

  /** Sends every line with every method, with new words in each. */
  async function attack(): Promise<void> {
    for (const method of COMMON_METHODS) {
      const word = () => `zz${randomBytes(6).toString('hex')}`;
      await Promise.all(HOSTILE.map((line) => send(closing(line(word(), method)))));
    }
  }

  test('are as many as there are routes, whatever is asked for, and how often', async () => {
    await scrape();
    await attack();
    const early = await scrape();
    await attack();
    const late = await scrape();
    expect([...late.labels]).toEqual([...early.labels]);
    // Only numbers have grown.
    expect(late.size).toBeLessThan(early.size * 1.1);
    for (const label of late.labels) {
      const [, method = '', route = ''] = /method="([^"]*)",route="([^"]*)"/.exec(label) ?? [];
      expect(method).toMatch(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|other)$/);
      expect(PATTERNS.includes(route) || /^\/api\/v1\/[a-z:./-]+$/.test(route)).toBe(true);
    }
    expect([...late.labels].join()).not.toContain('zz');
    for (const entry of backend.log) {
      const line = JSON.stringify(entry);
      expect(line).not.toContain('zz');
      expect(line.length).toBeLessThan(400);
    }
  });

  test('are short in the log, however long the IDs are that clients choose', async () => {
    const requestId = 'a'.repeat(128);
    await backend.anyone.get('/api/v1/bookings', { 'x-request-id': requestId });
    await backend.anyone.get('/api/v1/bookings', { 'x-request-id': 'b'.repeat(10_000) });
    const lines = backend.log.slice(-2).map((entry) => JSON.stringify(entry));
    expect(lines[0]).toContain(requestId);
    expect(lines[1]).not.toContain('bbb');
    for (const line of lines) expect(line.length).toBeLessThan(400);
  });
});
