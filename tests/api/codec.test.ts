import { testCodec } from '../support/encryption';
import { openFrontDesk, TEMPORAL_UI_URL, tokenOf, type FrontDesk } from '../support/api';
import { expectInvalid, expectRefused } from './client';

/** The codec server: what lets operators read in Temporal's UI what is encrypted, and nobody else. */

let desk: FrontDesk;

beforeAll(async () => {
  desk = await openFrontDesk();
});

afterAll(() => desk.close());

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
  const operator = await desk.operator();
  const { body } = await operator.post<Payloads>('/codec/encode', { payloads: [PLAIN] });
  const [payload] = body.payloads;
  if (payload === undefined) throw new Error('Nothing came back');
  return payload;
}

test('an operator reads what is encrypted, beside what is not', async () => {
  const operator = await desk.operator();
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
  const stranger = await desk.anyone.post(`/codec/${what}`, body);
  expectRefused(stranger, 'unauthenticated');
  const customer = await desk.customer();
  expectRefused(await customer.post(`/codec/${what}`, body), 'forbidden');
});

test('a payload that is damaged is refused by the name of its key', async () => {
  const operator = await desk.operator();
  const payload = await encrypted();
  const damaged = { ...payload, data: base64('something else altogether, long enough') };
  const answer = await operator.post('/codec/decode', { payloads: [damaged] });
  expectInvalid(answer, '/payloads');
  expect(answer.text).toContain('the key \\"test\\"');
});

test('no payloads are decoded to none: what the command line sends for a message without arguments', async () => {
  const operator = await desk.operator();
  const answer = await operator.post('/codec/encode', {});
  expect(answer).toMatchObject({ status: 200, body: { payloads: [] } });
});

test('what is no payload is refused', async () => {
  const operator = await desk.operator();
  expectInvalid(await operator.post('/codec/decode', { payloads: 1 }), '/payloads');
  const notBase64 = { payloads: [{ metadata: { encoding: '!' } }] };
  expectInvalid(await operator.post('/codec/decode', notBase64), '/payloads/0/metadata/encoding');
});

test('whatever is sent to be decoded, the answer is the payloads or says what is wrong with them', async () => {
  const operator = await desk.operator();
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
        ...{ payload, what, isUnderstood: true },
      });
    }
  }
});

test('a long history fits, and not just anything', async () => {
  const operator = await desk.operator();
  const ofSize = (bytes: number) => ({
    payloads: [{ metadata: {}, data: Buffer.alloc((bytes / 4) * 3).toString('base64') }],
  });
  expect(await operator.post('/codec/decode', ofSize(4_000_000))).toMatchObject({ status: 200 });
  expectRefused(await operator.post('/codec/decode', ofSize(4_400_000)), 'payload_too_large');
});

/** Opens the link of a session, as a browser does; answers what it would keep. */
async function openLink(token: string): Promise<{ status: number; cookie: string; to: string }> {
  const response = await fetch(`${desk.url}/codec/session?token=${token}`, { redirect: 'manual' });
  return {
    status: response.status,
    cookie: response.headers.get('set-cookie') ?? '',
    to: response.headers.get('location') ?? '',
  };
}

test("an operator's link makes a session that no script can read and no other site can use", async () => {
  const { status, cookie, to } = await openLink(await tokenOf({ sub: 'eve', scope: 'operator' }));
  expect({ status, to }).toEqual({ status: 303, to: TEMPORAL_UI_URL });
  const [session = '', ...attributes] = cookie.split('; ');
  expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/codec', 'SameSite=Strict']);

  const body = { payloads: [await encrypted()] };
  const answer = await desk.anyone.post('/codec/decode', body, { cookie: `a=b; ${session}` });
  expect(answer).toMatchObject({ status: 200, body: { payloads: [PLAIN] } });
});

test.each([
  ["a customer's token", () => tokenOf({ sub: 'ada' }), 403],
  ['no token at all', () => Promise.resolve(''), 401],
])('%s makes no session', async (_what, token, expected) => {
  const { status, cookie } = await openLink(await token());
  expect({ status, cookie }).toEqual({ status: expected, cookie: '' });
});

test("Temporal's UI may ask from its own origin, and no other page may", async () => {
  const ask = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const response = await fetch(`${desk.url}/codec/decode`, { method: 'OPTIONS', headers });
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
  const refusal = await fetch(`${desk.url}/codec/decode`, {
    method: 'POST',
    headers: { origin: TEMPORAL_UI_URL },
  });
  // The UI shows why, so it must be able to read it.
  expect(refusal.status).toBe(401);
  expect(refusal.headers.get('access-control-allow-origin')).toBe(TEMPORAL_UI_URL);
});
