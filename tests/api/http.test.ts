import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { openApi, tokenOf, type ApiUnderTest } from '../support/api';
import { expectInvalid, expectRefused, type Client } from './client';

/**
 * Whatever is sent, the answer is one that a client can act on, and gives nothing of the inside
 * away.
 */

let backend: ApiUnderTest;
let ada: Client;
beforeAll(async () => {
  backend = await openApi();
  ada = await backend.customer();
});
afterAll(() => backend.close());

const BOOKINGS = '/api/v1/bookings';

describe('the request ID', () => {
  test.each(['7', 'req-1.2:3_4', 'A'.repeat(128), '00-4bf92f3577b34da6a3ce929d0e0e4736-00'])(
    '%s is the one that the client sent',
    async (id) => {
      for (const path of ['/livez', '/api/v1/info', BOOKINGS, '/nowhere']) {
        const { headers } = await backend.anyone.get(path, { 'x-request-id': id });
        expect(headers.get('x-request-id')).toBe(id);
      }
    },
  );

  test.each([
    ['is empty', ''],
    ['is too long', 'A'.repeat(129)],
    ['has blanks', 'a b'],
    ['could break out of a log line', '"},{"level":"error'],
    ['is no ASCII', 'é'],
  ])('is our own when the one sent %s', async (_, id) => {
    const { headers } = await backend.anyone.get('/livez', { 'x-request-id': id });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is another one for each request', async () => {
    const [one, other] = [await ada.list(), await ada.list()];
    expect(one.headers.get('x-request-id')).not.toBe(other.headers.get('x-request-id'));
  });
});

describe('a path that names nothing', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/api/v1'],
    ['GET', '/api/v2/flights'],
    ['GET', '/api/v1/flight'],
    ['GET', '/api/v1/flights/1/seats/1A'],
    ['GET', '/.env'],
    ['GET', '/api/v1/flights/%zz'],
    ['PROPFIND', '/nowhere'],
    ['OPTIONS', '/nowhere'],
  ])('is not found: %s %s', async (method, path) => {
    expectRefused(await backend.anyone.send(method, path), 'route_not_found');
  });

  test.each([
    ['POST', `${BOOKINGS}/payments/1`],
    ['GET', `${BOOKINGS}/1/nowhere`],
  ])('is not found by a customer either: %s %s', async (method, path) => {
    expectRefused(await ada.send(method, path), 'route_not_found');
  });
});

describe('a body', () => {
  const create = (body: unknown, headers: Record<string, string> = {}) =>
    ada.send('POST', BOOKINGS, { body, headers });

  test.each([
    ['half an object', '{"flightId": "'],
    ['a word', 'flight'],
    ['a text', '"flight"'],
    ['a number', '1'],
    ['null', 'null'],
    ['two objects', '{}{}'],
    ['an object with a comma too many', '{"flightId": "1",}'],
    ['an object behind a null byte', '\0{}'],
  ])('that is %s is no JSON object', async (_, body) => {
    expectRefused(await create(body), 'malformed_json');
  });

  test('of more than 100 kB is refused, before it is read to its end', async () => {
    const padded = (size: number) =>
      JSON.stringify({ a: '' }).replace('""', `"${'x'.repeat(size)}"`);
    expectRefused(await create(padded(102_400)), 'payload_too_large');
    expectInvalid(await create(padded(102_300)), '/a', '/flightId', '/passengers');
    // A small parcel may hold a large one.
    const bomb = gzipSync(padded(5_000_000));
    expectRefused(await create(bomb, { 'content-encoding': 'gzip' }), 'payload_too_large');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/merge-patch+json',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-16le',
    'application/json; charset=utf-32',
    'application/json; charset=utf-7',
    'json',
  ])('of the type %s is refused', async (type) => {
    expectRefused(await create('{}', { 'content-type': type }), 'unsupported_media_type');
  });

  test('may be in UTF-8 by name, and compressed', async () => {
    const type = { 'content-type': 'application/json; charset=UTF-8' };
    expectInvalid(await create('{}', type), '/flightId', '/passengers');
    const encoding = { 'content-encoding': 'gzip' };
    expectInvalid(await create(gzipSync('{}'), encoding), '/flightId', '/passengers');
  });

  test.each([
    ['a lone byte of a longer character', [0xc3]],
    ['a byte that no character has', [0xff]],
    ['a character written longer than it is', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['the start of a character, and the end of the text', [0xe2, 0x82]],
  ])(
    'with %s in a name is refused: nobody is booked by a name that they do not have',
    async (_, bytes) => {
      const [before = '', after = ''] =
        '{"flightId": "1", "passengers": [{"givenName": "J|"}]}'.split('|');
      const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
      expectRefused(await create(body), 'malformed_json');
      expectRefused(await create(gzipSync(body), { 'content-encoding': 'gzip' }), 'malformed_json');
    },
  );

  test('may begin with the byte order mark of UTF-8, and with that of no other encoding', async () => {
    expectInvalid(await create('\ufeff{}'), '/flightId', '/passengers');
    for (const text of ['\ufeff{}', '{}'])
      expectRefused(await create(Buffer.from(text, 'utf16le')), 'malformed_json');
  });

  test('that says that it is compressed, and is not, did not arrive whole', async () => {
    expectRefused(await create('{}', { 'content-encoding': 'gzip' }), 'malformed_json');
    const half = gzipSync(JSON.stringify({ a: 'x'.repeat(1_000) })).subarray(0, 20);
    expectRefused(await create(half, { 'content-encoding': 'gzip' }), 'malformed_json');
  });

  test('in a compression that we do not know is refused', async () => {
    expectRefused(await create('{}', { 'content-encoding': 'zip' }), 'unsupported_media_type');
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    'has no field %s, be it on top or within',
    async (field) => {
      const passenger = `{"givenName": "Ada", "familyName": "King", "${field}": {"isAdmin": true}}`;
      const id = '"flightId": "a3bb189e-8bf9-4c4b-9b0d-3f1d4d5c6e7f"';
      expectInvalid(
        await create(`{${id}, "passengers": [${passenger}]}`),
        `/passengers/0/${field}`,
      );
      expectInvalid(
        await create(`{${id}, "passengers": [], "${field}": {"isAdmin": true}}`),
        '/passengers',
        `/${field}`,
      );
      expect(Object.prototype).not.toHaveProperty('isAdmin');
    },
  );

  test('may be nested as deeply as it likes, and is refused all the same', async () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    expectInvalid(await create(deep), '');
    expectInvalid(
      await create(`{"passengers": ${deep.slice(2, -2)}}`),
      '/flightId',
      '/passengers/0',
    );
    const objects = `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`;
    expectInvalid(
      await create(`{"contact": ${objects}}`),
      '/flightId',
      '/passengers',
      '/contact/a',
      '/contact/email',
    );
  });

  test('that never ends is given up on, without a word of it in the log', async () => {
    const authorization = `Bearer ${await tokenOf({ sub: 'customer-1' })}`;
    const cut = request(`${backend.url}${BOOKINGS}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'content-length': '1000' },
    });
    cut.on('error', () => undefined);
    await new Promise<void>((resolve) => cut.write('{"flightId": ', () => resolve()));
    cut.destroy();
    expect((await ada.list()).status).toBe(200);
  });
});

test('nothing of the inside is in any refusal', async () => {
  const refusals = [
    await ada.get('/nowhere'),
    await ada.get(`${BOOKINGS}?cursor=${Buffer.from('{').toString('base64url')}`),
    await ada.get('/api/v1/flights?origin=%27%3B%20DROP%20TABLE%20flights'),
    await ada.get("/api/v1/flights/'%20OR%201=1"),
    await ada.post(BOOKINGS, '{"a'),
    await ada.post(BOOKINGS, { flightId: 'x' }),
    await backend.anyone.get(BOOKINGS, { authorization: 'Bearer a.b.c' }),
  ];
  for (const { status, text, headers } of refusals) {
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/ at |node_modules|\.ts|\.js\b|SELECT|JWS|zod|pg_/i);
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('browsers are told to be careful with our answers', async () => {
  for (const path of ['/api/v1/info', BOOKINGS, '/nowhere']) {
    const { headers } = await backend.anyone.get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.get('strict-transport-security')).toBeTruthy();
  }
});
