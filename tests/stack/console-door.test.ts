import { createServer, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Controls } from '../../scripts/stack/console-door/controls';
import { openConsoleDoor } from '../../scripts/stack/console-door/door';
import { freePort } from '../../scripts/stack/ports';
import { listen } from '../support/api';

/** The console's own address on the local stack: who may use the stack's controls, and who may not. */

const servers: Server[] = [];
let port: number;
let killed: number;
let secret = '';

const controls: Controls = {
  temporalUiUrl: 'http://127.0.0.1:8233',
  auditor: () => ({ status: 'ok', findings: 0, at: '2026-11-27T00:00:00.000Z' }),
  killWorker: () => {
    killed += 1;
    return 4711;
  },
  token: ({ sub, scope }) => Promise.resolve(`token of ${sub} as ${scope}`),
};

beforeAll(async () => {
  const api = createServer((req, res) =>
    res.end(`the API has ${req.method ?? ''} ${req.url ?? ''}`),
  );
  servers.push(api);
  const apiPort = Number(new URL(await listen(api)).port);
  port = await freePort();
  servers.push(await openConsoleDoor(port, { apiPort, controls }));
  secret = (JSON.parse((await ask('GET', '/local/session')).body) as { secret: string }).secret;
});

beforeEach(() => {
  killed = 0;
});

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

interface Request {
  headers?: Record<string, string>;
  body?: string;
}

/** Asks as a browser does for the console's page; `headers` are others than its own. */
function ask(method: string, path: string, { headers = {}, body = '' }: Request = {}) {
  const host = `127.0.0.1:${port}`;
  const own = {
    host,
    'sec-fetch-site': 'same-origin',
    'x-local-secret': secret,
    'content-length': String(Buffer.byteLength(body)),
    ...(method === 'GET' ? {} : { origin: `http://${host}` }),
  };
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: { ...own, ...headers },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode, body: read }), reject);
    });
    asked.end(body);
  });
}

test('the console may kill the worker, look at the auditor and get a token', async () => {
  expect(await ask('POST', '/local/kill-worker')).toEqual({ status: 202, body: '{"killed":4711}' });
  expect(killed).toBe(1);
  expect(await ask('GET', '/local/auditor')).toMatchObject({ status: 200 });
  const body = JSON.stringify({ sub: 'ada', scope: 'bookings' });
  expect(await ask('POST', '/local/token', { body })).toEqual({
    status: 201,
    body: '{"token":"token of ada as bookings"}',
  });
});

test.each([
  ['a page of another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a page of another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ['a page that leaves out its origin', { origin: '' }],
  ['a name that leads here', { host: 'evil.example', origin: 'http://evil.example' }],
  ['what is no browser', { 'sec-fetch-site': 'none' }],
  ['the page of an earlier start', { 'x-local-secret': 'x'.repeat(32) }],
  ['a page without the secret', { 'x-local-secret': '' }],
])('%s kills nothing', async (_, headers) => {
  expect(await ask('POST', '/local/kill-worker', { headers })).toMatchObject({ status: 403 });
  expect(killed).toBe(0);
});

test.each([
  ['another origin', { 'sec-fetch-site': 'cross-site' }],
  ['another name', { host: 'evil.example' }],
])('%s does not learn the secret', async (_, headers) => {
  const { status, body } = await ask('GET', '/local/session', { headers });
  expect(status).toBe(403);
  expect(body).not.toContain(secret);
});

test.each([
  ['a scope that there is not', JSON.stringify({ sub: 'ada', scope: 'root' }), 400],
  ['no JSON', '{', 400],
  ['a very long body', 'x'.repeat(3_000), 413],
])('%s gets no token', async (_, body, status) => {
  expect(await ask('POST', '/local/token', { body })).toMatchObject({ status });
});

test('a link can kill nothing, and what is not a control is not found', async () => {
  expect(await ask('GET', '/local/kill-worker')).toMatchObject({ status: 404 });
  expect(await ask('GET', '/local/anything')).toMatchObject({ status: 404 });
  expect(killed).toBe(0);
});

test('everything else is the API’s', async () => {
  expect(await ask('GET', '/console/')).toEqual({ status: 200, body: 'the API has GET /console/' });
  expect(await ask('POST', '/api/v1/bookings', { body: '{}' })).toMatchObject({
    body: 'the API has POST /api/v1/bookings',
  });
  expect(await ask('GET', '/')).toMatchObject({ status: 302 });
});
