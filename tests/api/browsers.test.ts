import { request } from 'node:http';
import { openApiDocument } from '../../src/api/openapi/document';
import { openApi, type ApiUnderTest, type RunningApi } from '../support/api';
import { putFlightOnSale } from '../support/flights';

/** What browsers and caches may do with our answers: no more than who they are for allows. */

const SHOP = 'https://shop.example';
const APP = 'http://localhost:5173';
const STRANGER = 'https://shop.example.evil.example';

let backend: ApiUnderTest;
let shopApi: RunningApi;
beforeAll(async () => {
  backend = await openApi();
  shopApi = await backend.startApi({ corsOrigins: [SHOP, APP] });
});
afterAll(() => backend.close());

const PATHS = Object.keys(openApiDocument().paths ?? {})
  .filter((path) => path.startsWith('/api/v1/'))
  .map((path) => path.replaceAll(/\{\w+\}/g, '1'));

interface RawAnswer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
}

/** Asks as a page of this origin does: `fetch` doesn't let us say where we are from. */
async function ask(
  api: { url: string },
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${api.url}${path}`, { method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const preflight = (api: { url: string }, path: string, origin: string) =>
  ask(api, 'OPTIONS', path, {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,idempotency-key',
  });

describe('a page of a shop that we know', () => {
  test.each(PATHS)('may ask %s: its preflight needs no token', async (path) => {
    for (const origin of [SHOP, APP]) {
      const { status, headers } = await preflight(shopApi, path, origin);
      expect(status).toBe(204);
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-allow-methods']).toContain('POST');
      for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Idempotency-Key'])
        expect(headers['access-control-allow-headers']).toContain(name);
      expect(headers['access-control-max-age']).toBe('600');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  test('may read answers and refusals, and the headers that it needs to go on', async () => {
    for (const path of [
      '/api/v1/info',
      '/api/v1/flights/1',
      '/api/v1/bookings',
      '/api/v1/nowhere',
    ]) {
      const { headers } = await ask(shopApi, 'GET', path, { origin: SHOP });
      expect(headers['access-control-allow-origin']).toBe(SHOP);
      expect(headers.vary).toContain('Origin');
      for (const name of [
        'Location',
        'Retry-After',
        'Idempotent-Replayed',
        'X-Request-Id',
        'RateLimit',
        'RateLimit-Policy',
      ])
        expect(headers['access-control-expose-headers']).toContain(name);
    }
  });
});

test.each([
  ['a stranger, where shops are known', () => shopApi, STRANGER],
  ['a stranger without a name', () => shopApi, 'null'],
  ['another port of a known host', () => shopApi, 'http://localhost:5174'],
  ['a shop, where none is known', () => backend, SHOP],
])('a page of %s may read nothing', async (_, api, origin) => {
  for (const path of PATHS) {
    const asked = await preflight(api(), path, origin);
    const answered = await ask(api(), 'GET', path, { origin });
    for (const { headers } of [asked, answered])
      expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

describe('a cache', () => {
  const cacheControl = ({ headers }: { headers: Headers }) => headers.get('cache-control');

  test.each(PATHS.filter((path) => !/^\/api\/v1\/(airports|flights)/.test(path)))(
    'keeps nothing of %s, be it an answer or a refusal',
    async (path) => {
      const ada = await backend.customer();
      for (const client of [ada, backend.anyone])
        for (const method of ['GET', 'POST', 'PUT'])
          expect(cacheControl(await client.send(method, path))).toBe('no-store');
    },
  );

  test('of one client keeps what was found for ten seconds, and no refusal', async () => {
    const flight = await putFlightOnSale(backend.db, { seats: 1 });
    const found = [
      '/api/v1/airports?q=EWR',
      `/api/v1/flights?origin=LHR&destination=JFK&date=${new Date().toISOString().slice(0, 10)}`,
      `/api/v1/flights/${flight.id}`,
      `/api/v1/flights/${flight.id}/seats`,
    ];
    for (const path of found) {
      const answer = await backend.anyone.get(path);
      expect(answer.status).toBe(200);
      expect(cacheControl(answer)).toBe('private, max-age=10');
    }
    for (const path of ['/api/v1/flights', '/api/v1/flights/1', '/api/v1/flights/1/seats'])
      expect(cacheControl(await backend.anyone.get(path))).toBe('no-store');
  });

  test('keeps no health, and asks again for the document', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/nowhere', '/codec/session'])
      expect(cacheControl(await backend.anyone.get(path))).toBe('no-store');
    for (const path of ['/api/v1/openapi.json', '/docs/'])
      expect(cacheControl(await backend.anyone.get(path))).toBe('no-cache');
  });
});
