import { mintToken } from '../../src/cli/mint';
import { AUTH, openApi, TEMPORAL_UI_URL, tokenOf, type ApiUnderTest } from '../support/api';
import { testCodec } from '../support/encryption';
import { clientOf, expectInvalid, expectRefused } from './client';

/**
 * The codec server: what lets operators read in Temporal's UI what is encrypted, and nobody else.
 */

let backend: ApiUnderTest;

beforeAll(async () => {
  backend = await openApi();
});

afterAll(() => backend.close());

interface JsonPayload {
  metadata: Record<string, string>;
  data: string;
}

interface Payloads {
  payloads: JsonPayload[];
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

const PLAIN: JsonPayload = {
  metadata: { encoding: base64('json/plain') },
  data: base64('"Ada Lovelace"'),
};

/** As it lies in Temporal, and as Temporal's UI sends it. */
async function encrypted(): Promise<JsonPayload> {
  const operator = await backend.operator();
  const { body } = await operator.post<Payloads>('/codec/encode', { payloads: [PLAIN] });
  const [payload] = body.payloads;
  if (payload === undefined) throw new Error('Nothing came back');
  return payload;
}

test('an operator reads what is encrypted, beside what is not', async () => {
  const operator = await backend.operator();
  const payloads = [await encrypted(), PLAIN];
  expect(payloads[0]?.metadata.encoding).toBe(base64('binary/encrypted'));
  const { status, headers, body } = await operator.post('/codec/decode', { payloads });
  expect({ status, body }).toEqual({ status: 200, body: { payloads: [PLAIN, PLAIN] } });
  expect(headers.get('cache-control')).toBe('no-store');
});

test('what an operator sends by way of the UI is encrypted as everything else', async () => {
  const { metadata, data } = await encrypted();
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const [decoded] = await testCodec.decode([
    {
      metadata: Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, bytes(v)])),
      data: bytes(data),
    },
  ]);
  expect(Buffer.from(decoded?.data ?? []).toString()).toBe('"Ada Lovelace"');
});

test.each(['decode', 'encode'])('nobody else may %s: no token, a customer', async (what) => {
  const body = { payloads: [await encrypted()] };
  const stranger = await backend.anyone.post(`/codec/${what}`, body);
  expectRefused(stranger, 'unauthenticated');
  const customer = await backend.customer();
  expectRefused(await customer.post(`/codec/${what}`, body), 'forbidden');
});

test('a payload that is damaged is refused by the name of its key', async () => {
  const operator = await backend.operator();
  const payload = await encrypted();
  const damaged = { ...payload, data: base64('something else altogether, long enough') };
  const answer = await operator.post('/codec/decode', { payloads: [damaged] });
  expectInvalid(answer, '/payloads');
  expect(answer.text).toContain('the key \\"test\\"');
});

test('no payloads are decoded to none: what the command line sends for a message without arguments', async () => {
  const operator = await backend.operator();
  const answer = await operator.post('/codec/encode', {});
  expect(answer).toMatchObject({ status: 200, body: { payloads: [] } });
});

test('what is no payload is refused', async () => {
  const operator = await backend.operator();
  expectInvalid(await operator.post('/codec/decode', { payloads: 1 }), '/payloads');
  const notBase64 = { payloads: [{ metadata: { encoding: '!' } }] };
  expectInvalid(await operator.post('/codec/decode', notBase64), '/payloads/0/metadata/encoding');
});

test('whatever is sent to be decoded, the answer is the payloads or says what is wrong with them', async () => {
  const operator = await backend.operator();
  const { metadata, data } = await encrypted();
  const encoding = base64('binary/encrypted');
  const payloads: unknown[] = [
    {},
    { metadata: {} },
    { metadata: null },
    { metadata: { encoding } },
    { metadata: { encoding, 'encryption-key-id': base64('nobody') }, data },
    { metadata: { encoding, 'encryption-key-id': base64('test') } },
    { metadata, data: null },
    { metadata, data: '' },
    { metadata, data: data.slice(0, 8) },
    { metadata: { ...metadata, ['__proto__']: 'AAAA' }, data },
    { metadata: { encoding: base64('json/plain') }, data: base64('{bad') },
    [],
    'payload',
  ];
  for (const payload of payloads) {
    for (const what of ['decode', 'encode']) {
      const { status } = await operator.post(`/codec/${what}`, { payloads: [payload] });
      expect({ payload, what, isUnderstood: [200, 400].includes(status) }).toEqual({
        payload,
        what,
        isUnderstood: true,
      });
    }
  }
});

test('a long history fits, and not just anything', async () => {
  const operator = await backend.operator();
  const ofSize = (bytes: number) => ({
    payloads: [{ metadata: {}, data: Buffer.alloc((bytes / 4) * 3).toString('base64') }],
  });
  expect(await operator.post('/codec/decode', ofSize(4_000_000))).toMatchObject({ status: 200 });
  expectRefused(await operator.post('/codec/decode', ofSize(4_400_000)), 'payload_too_large');
});

interface SessionCode {
  code: string;
  expiresAt: string;
  url: string;
}

async function askForCode(expiresIn = '1h'): Promise<SessionCode> {
  const token = await mintToken(AUTH, { sub: 'eve', scope: 'operator', expiresIn });
  const { status, headers, body } = await clientOf(backend.url, token).send<SessionCode>(
    'POST',
    '/codec/session-codes',
  );
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  return body;
}

/** Opens a link, as a browser does; returns what it would keep. */
async function openLink(url: string, method = 'GET') {
  const response = await fetch(url, { method, redirect: 'manual' });
  return {
    status: response.status,
    cookie: response.headers.get('set-cookie') ?? '',
    to: response.headers.get('location') ?? '',
  };
}

/** What a session reads: payloads, or the refusal. */
async function readBy(cookie: string) {
  const [session = ''] = cookie.split('; ');
  const body = { payloads: [await encrypted()] };
  return backend.anyone.post<Payloads>('/codec/decode', body, { cookie: `a=b; ${session}` });
}

/** Moves all that was made so far into the past, as time does. */
async function letPass(seconds: number): Promise<void> {
  await backend.db.raw(
    `UPDATE codec_sessions SET code_expires_at = code_expires_at - make_interval(secs => :seconds),
       session_expires_at = session_expires_at - make_interval(secs => :seconds)`,
    { seconds },
  );
}

describe("an operator's link", () => {
  test('makes a session that no script can read and no other site can use', async () => {
    const { code, url } = await askForCode();
    expect(url).toBe(`${backend.url}/codec/session?code=${code}`);
    const { status, cookie, to } = await openLink(url);
    expect({ status, to }).toEqual({ status: 303, to: TEMPORAL_UI_URL });
    const [, ...attributes] = cookie.split('; ');
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/codec', 'SameSite=Strict']);
    expect(await readBy(cookie)).toMatchObject({ status: 200, body: { payloads: [PLAIN] } });
  });

  test('holds no token, nor does the session, nor the database either of them', async () => {
    const { code, url } = await askForCode();
    const { cookie } = await openLink(url);
    const session = /operator_session=([^;]+)/.exec(cookie)?.[1] ?? '';
    expect(session.length).toBeGreaterThanOrEqual(43);
    for (const secret of [url, code, cookie]) expect(secret).not.toMatch(/eyJ|[.][\w-]{20,}[.]/);
    const stored = JSON.stringify(await backend.db('codec_sessions').select());
    for (const secret of [code, session]) expect(stored).not.toContain(secret);
  });

  test('works once', async () => {
    const { url } = await askForCode();
    expect((await openLink(url)).status).toBe(303);
    expect(await openLink(url)).toEqual({ status: 401, cookie: '', to: '' });
  });

  test('works once, however many follow it at the same time', async () => {
    const { url } = await askForCode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => openLink(url)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ cookie }) => cookie !== '')).toHaveLength(1);
  });

  test('is not used up by a program that looks where it leads', async () => {
    const { url } = await askForCode();
    expect(await openLink(url, 'HEAD')).toEqual({ status: 204, cookie: '', to: '' });
    expect((await openLink(url)).status).toBe(303);
  });

  test('works for a minute', async () => {
    const { url, expiresAt } = await askForCode();
    const livesMs = Date.parse(expiresAt) - Date.now();
    expect(livesMs).toBeGreaterThan(50_000);
    expect(livesMs).toBeLessThan(70_000);
    await letPass(61);
    expect((await openLink(url)).status).toBe(401);
  });

  test("makes a session that ends with the operator's token", async () => {
    const { url } = await askForCode('10m');
    const { cookie } = await openLink(url);
    await letPass(9 * 60);
    expect((await readBy(cookie)).status).toBe(200);
    await letPass(61);
    expectRefused(await readBy(cookie), 'unauthenticated');
  });

  test('makes a session that ends after twelve hours, however long the token lives', async () => {
    const { url } = await askForCode('30d');
    const { cookie } = await openLink(url);
    await letPass(12 * 60 * 60 + 1);
    expectRefused(await readBy(cookie), 'unauthenticated');
  });

  test('leaves nothing behind once it has ended', async () => {
    await askForCode();
    await openLink((await askForCode()).url);
    await letPass(24 * 60 * 60);
    await askForCode();
    expect(await backend.db('codec_sessions').select()).toHaveLength(1);
  });
});

test.each([
  ['no code', ''],
  ['an empty code', '?code='],
  ['a code that never was', `?code=${'a'.repeat(43)}`],
  ['two codes', '?code=a&code=b'],
  ['a null byte', '?code=%00'],
  ['SQL', "?code=' OR true --"],
  ['a code that never ends', `?code=${'a'.repeat(8_000)}`],
])('%s makes no session', async (_what, query) => {
  const answer = await openLink(`${backend.url}/codec/session${query}`);
  expect(answer).toEqual({ status: 401, cookie: '', to: '' });
});

test('an operator’s token in the link makes no session, and none in a cookie reads', async () => {
  const token = await tokenOf({ sub: 'eve', scope: 'operator' });
  const answer = await openLink(`${backend.url}/codec/session?token=${token}`);
  expect(answer).toEqual({ status: 401, cookie: '', to: '' });
  expectRefused(await readBy(`operator_session=${token}`), 'unauthenticated');
});

test('nobody else gets a code: no token, a customer, a session', async () => {
  const ask = (headers: Record<string, string> = {}) =>
    backend.anyone.post('/codec/session-codes', {}, headers);
  expectRefused(await ask(), 'unauthenticated');
  const customer = await backend.customer();
  expectRefused(await customer.post('/codec/session-codes', {}), 'forbidden');
  const [session = ''] = (await openLink((await askForCode()).url)).cookie.split('; ');
  expectRefused(await ask({ cookie: session }), 'unauthenticated');
});

test.each(['', 'a', '\u0000', "' OR true --", 'a'.repeat(8_000)])(
  'a cookie that was made up reads nothing, whatever is in it (%#)',
  async (value) => {
    const cookie = `operator_session=${encodeURIComponent(value)}`;
    expectRefused(await readBy(cookie), 'unauthenticated');
  },
);

test("Temporal's UI may ask from its own origin, and no other page may", async () => {
  const ask = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const response = await fetch(`${backend.url}/codec/decode`, { method: 'OPTIONS', headers });
    return Object.fromEntries(
      [...response.headers].filter(([name]) => name.startsWith('access-control')),
    );
  };
  expect(await ask(TEMPORAL_UI_URL)).toEqual({
    'access-control-allow-origin': TEMPORAL_UI_URL,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers':
      'Authorization, Authorization-Extras, Content-Type, X-Namespace',
  });
  expect(await ask('https://elsewhere.example')).toEqual({});
  const refusal = await fetch(`${backend.url}/codec/decode`, {
    method: 'POST',
    headers: { origin: TEMPORAL_UI_URL },
  });
  // The UI shows why, so it must be able to read it.
  expect(refusal.status).toBe(401);
  expect(refusal.headers.get('access-control-allow-origin')).toBe(TEMPORAL_UI_URL);
});
