import { createServer, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { OPERATIONS } from '../../scripts/stack/console-door/contract';
import type { Controls } from '../../scripts/stack/console-door/controls';
import { localDocument } from '../../scripts/stack/console-door/document';
import { openConsoleDoor } from '../../scripts/stack/console-door/door';
import { freePort } from '../../scripts/stack/ports';
import { listen } from '../support/api';
import { expectValidOpenApi, fitsOf } from '../support/openapi';

/** The console's own address on the local stack: who may use the stack's controls, and who may not. */

const expectFits = fitsOf(localDocument());

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
function ask(method: string, at: string, { headers = {}, body = '' }: Request = {}) {
  const host = `127.0.0.1:${port}`;
  const own = {
    host,
    'sec-fetch-site': 'same-origin',
    'x-local-secret': secret,
    'content-length': String(Buffer.byteLength(body)),
    ...(method === 'GET' ? {} : { origin: `http://${host}` }),
  };
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      method,
      path: at,
      headers: { ...own, ...headers },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      const { statusCode: status = 0 } = answer;
      const mediaType = answer.headers['content-type']?.split(';')[0] ?? '';
      text(answer)
        .then((read) => {
          // Whatever a control answers is as its description says.
          if (isControl(method, at)) expectAsDescribed(`${method} ${at}`, status, mediaType, read);
          return { status, body: read };
        })
        .then(resolve, reject);
    });
    asked.end(body);
  });
}

const isControl = (method: string, at: string) => Object.hasOwn(OPERATIONS, `${method} ${at}`);

/** What has been answered, by control. */
const seen = new Map<string, Set<number>>();

function expectAsDescribed(name: string, status: number, mediaType: string, read: string): void {
  const [method = '', at = ''] = name.split(' ');
  seen.set(name, (seen.get(name) ?? new Set()).add(status));
  expectFits(
    [
      'paths',
      at,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      mediaType,
      'schema',
    ],
    JSON.parse(read),
  );
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

test('the stack describes its controls in valid OpenAPI, and shows them in a page', async () => {
  const { status, body } = await ask('GET', '/local/openapi.json');
  expect({ status, body: JSON.parse(body) as unknown }).toEqual({
    status: 200,
    body: JSON.parse(JSON.stringify(localDocument())),
  });
  await expectValidOpenApi(body);
  const page = await ask('GET', '/local/docs', { headers: { 'sec-fetch-site': 'none' } });
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('/local/docs.js') });
  const script = await ask('GET', '/local/docs.js');
  for (const document of ['/local/openapi.json', '/api/v1/openapi.json'])
    expect(script.body).toContain(document);
});

test.each(Object.keys(OPERATIONS))('no page of another origin gets %s', async (name) => {
  const [method = '', at = ''] = name.split(' ');
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  expect(await ask(method, at, { headers })).toMatchObject({ status: 403 });
});

test.each(Object.entries(localDocument().paths ?? {}))(
  '%s is said to be guarded where it is',
  async (at, methods) => {
    for (const [method, operation] of Object.entries(methods)) {
      const { status } = await ask(method.toUpperCase(), at, {
        headers: { 'x-local-secret': '' },
      });
      const { security } = operation as { security: unknown[] };
      expect({ at, isRefused: status === 403 }).toEqual({ at, isRefused: security.length > 0 });
    }
  },
);

test('a worker that is not there is not killed, and nobody is signed in where others do it', async () => {
  const isThere = controls.killWorker;
  const makes = controls.token;
  try {
    controls.killWorker = () => undefined;
    delete controls.token;
    expect(await ask('POST', '/local/kill-worker')).toMatchObject({ status: 409 });
    expect(await ask('POST', '/local/token', { body: '{}' })).toMatchObject({ status: 409 });
    controls.killWorker = () => {
      throw new Error('no such folder');
    };
    expect(await ask('POST', '/local/kill-worker')).toMatchObject({ status: 500 });
  } finally {
    Object.assign(controls, { killWorker: isThere, token: makes });
  }
});

test('everything else is the API’s', async () => {
  expect(await ask('GET', '/console/')).toEqual({ status: 200, body: 'the API has GET /console/' });
  expect(await ask('POST', '/api/v1/bookings', { body: '{}' })).toMatchObject({
    body: 'the API has POST /api/v1/bookings',
  });
  expect(await ask('GET', '/')).toMatchObject({ status: 302 });
});

test('every answer that is described was seen by then', () => {
  const described = Object.entries(localDocument().paths ?? {}).flatMap(([at, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { responses } = operation as { responses: object };
      // What fails in one control fails in all: the same code answers then.
      const statuses = Object.keys(responses).filter((status) => status !== '500');
      return [`${method.toUpperCase()} ${at}`, statuses] as const;
    }),
  );
  expect(described.map(([name]) => name).sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const [name, statuses] of described)
    expect({ name, seen: [...(seen.get(name) ?? [])].map(String) }).toEqual({
      name,
      seen: expect.arrayContaining(statuses),
    });
});
