import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openApi, type ApiUnderTest, type RunningApi } from '../support/api';

/** The console's page: files for everyone, which can do nothing but ask our API. */

let backend: ApiUnderTest;
let api: RunningApi;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-console-'));
  const built = path.join(folder, 'dist');
  mkdirSync(path.join(built, 'assets'), { recursive: true });
  writeFileSync(path.join(built, 'index.html'), '<!doctype html><title>Console</title>');
  writeFileSync(path.join(built, 'assets/index-3f2c.js'), 'export {};');
  writeFileSync(path.join(built, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(path.join(folder, 'secret.html'), 'nobody may read this');
  backend = await openApi();
  api = await backend.startApi({ consoleFolder: built });
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

const ask = (where: string, init: RequestInit = {}, { url }: { url: string } = api) =>
  fetch(`${url}${where}`, init);

test.each(['/console', '/console/', '/console/bookings/K7PQ2M', '/console/operations'])(
  '%s is the page, which is asked for again each time',
  async (where) => {
    const answer = await ask(where);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch('text/html');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).toContain('<title>Console</title>');
    const again = await ask(where, {
      // Without a `cache-control` of its own, fetch would forbid any answer from a cache.
      headers: {
        'if-none-match': String(answer.headers.get('etag')),
        'cache-control': 'max-age=0',
      },
    });
    expect(again.status).toBe(304);
  },
);

test('files with a hash in their names are kept for a year, others are asked for again', async () => {
  const script = await ask('/console/assets/index-3f2c.js');
  expect(script.headers.get('content-type')).toMatch('javascript');
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const icon = await ask('/console/icon.svg');
  expect(icon.headers.get('cache-control')).toBe('no-cache');
});

test.each(['/console', '/console/assets/index-3f2c.js', '/console/icon.svg'])(
  '%s can load nothing from elsewhere, and is in no frame',
  async (where) => {
    const policy = (await ask(where)).headers.get('content-security-policy') ?? '';
    const directives = new Map(
      policy.split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
    );
    expect(directives.get('default-src')).toBe("'none'");
    expect(directives.get('frame-ancestors')).toBe("'none'");
    expect(directives.get('base-uri')).toBe("'none'");
    for (const kind of ['script-src', 'connect-src', 'style-src'])
      expect(directives.get(kind)).toBe("'self'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
  },
);

test.each([
  '/console/assets/index-0000.js',
  '/console/nothing.css',
  '/console/..%2fsecret.html',
  '/console/%2e%2e/secret.html',
  '/console/assets/..%2f..%2fsecret.html',
])('%s is nothing', async (where) => {
  const answer = await ask(where);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'route_not_found' });
});

test('it takes GET and HEAD alone', async () => {
  expect((await ask('/console', { method: 'HEAD' })).status).toBe(200);
  for (const where of ['/console', '/console/bookings']) {
    const answer = await ask(where, { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  }
});

test('where it is not built, it says how to build it', async () => {
  for (const where of ['/console', '/console/bookings']) {
    const answer = await ask(where, {}, backend);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch('text/plain');
    expect(await answer.text()).toContain('npm run build:console');
  }
  const { status } = await ask('/console/assets/index-3f2c.js', {}, backend);
  expect(status).toBe(404);
});
