import { randomUUID } from 'node:crypto';
import { version } from '../../package.json';
import { openApiDocument } from '../../src/api/openapi/document';
import { openApi, type ApiUnderTest } from '../support/api';
import { putFlightOnSale, seatsByState } from '../support/flights';
import { expectValidOpenApi } from '../support/openapi';
import { expectRefused } from './client';

/** For those who run the API, and those who write programs for it. */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

test('the health check says who answers, and when', async () => {
  const { status, body } = await backend.anyone.get<{ time: string }>('/api/v1/info');
  expect(status).toBe(200);
  const { time, ...info } = body;
  expect(info).toEqual({ name: 'flight-bookings', version, apiVersion: 'v1', status: 'ok' });
  expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(5_000);
});

test('a process that is up is live, and ready when what it needs is there', async () => {
  expect((await backend.anyone.get('/livez')).body).toEqual({ status: 'ok' });
  expect((await backend.anyone.get('/readyz')).body).toEqual({
    status: 'ok',
    checks: { postgres: 'ok', temporal: 'ok' },
  });
});

test('metrics count requests by route and status, and hold nothing that a client made up', async () => {
  const ada = await backend.customer();
  await ada.get('/api/v1/bookings/made-up-id');
  await ada.get('/API/V1/Bookings/made-up-id/?made-up=1');
  await ada.list();
  await ada.get('/made-up-path');
  const { status, headers, text } = await backend.anyone.get('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('# TYPE http_request_duration_seconds histogram');
  expect(text).toMatch(
    /^http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/bookings\/:id",status="404"\} 2$/m,
  );
  expect(text).toMatch(/route="\/api\/v1\/bookings",status="200"\} 1$/m);
  expect(text).toMatch(/route="none",status="404"\} 1$/m);
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).not.toMatch(/made-up|Bookings/);
});

test('while Temporal is away, flights can be found and bookings listed; who wants one is told to come back', async () => {
  const ada = await backend.customer();
  const flight = await putFlightOnSale(backend.db, { seats: 1 });
  expect((await ada.get(`/api/v1/flights/${flight.id}`)).status).toBe(200);
  expect((await ada.list()).status).toBe(200);
  expectRefused(await ada.create(flight), 'service_unavailable');
  expectRefused(await ada.read(randomUUID()), 'service_unavailable');
  expect(await seatsByState(backend.db, flight.id)).toMatchObject({ free: 1 });
});

describe('openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { text } = await backend.anyone.get('/api/v1/openapi.json');
    await expectValidOpenApi(text);
  });

  test('is what all answers of our tests are held against', async () => {
    const { body } = await backend.anyone.get('/api/v1/openapi.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });

  test('has every operation of the contract', async () => {
    const { body } = await backend.anyone.get<{ paths: Record<string, object> }>(
      '/api/v1/openapi.json',
    );
    const operations = Object.entries(body.paths).flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`),
    );
    expect(operations).toEqual(
      expect.arrayContaining([
        'GET /api/v1/info',
        'GET /livez',
        'GET /readyz',
        'GET /api/v1/flights',
        'GET /api/v1/slices',
        'GET /api/v1/flights/{id}',
        'GET /api/v1/flights/{id}/seats',
        'POST /api/v1/bookings',
        'GET /api/v1/bookings',
        'GET /api/v1/bookings/{id}',
        'POST /api/v1/bookings/payments',
        'POST /api/v1/bookings/{id}/cancel',
      ]),
    );
  });
});

test('the reference page needs nothing but us: no asset of it comes from another server', async () => {
  const page = await fetch(`${backend.url}/docs`);
  const html = await page.text();
  expect(page.status).toBe(200);
  expect(html).toContain('<div id="swagger-ui">');
  const assets = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, asset]) => asset ?? '');
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const url = new URL(asset, page.url);
    expect(url.origin).toBe(backend.url);
    const response = await fetch(url);
    expect({ asset, status: response.status }).toEqual({ asset, status: 200 });
    const text = await response.text();
    if (asset.endsWith('.css')) expect(text).not.toMatch(/url\(["']?https?:/);
  }
});

test('the reference page shows our document, and sends it to nobody to be checked', async () => {
  const page = await fetch(`${backend.url}/docs/swagger-ui-init.js`);
  const script = await page.text();
  expect(script).toContain('"url": "/api/v1/openapi.json"');
  expect(script).toContain('"validatorUrl": null');
});
