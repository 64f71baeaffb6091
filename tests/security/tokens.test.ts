import { createServer } from 'node:http';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type GenerateKeyPairResult,
} from 'jose';
import { AUTH, listen, openApi, tokenOf, type ApiUnderTest, type RunningApi } from '../support/api';
import { clientOf } from '../api/client';
import { OPERATIONS, sampleOf, SECURED, SIGNED, type Operation } from './operations';

/**
 * Every operation that there is, asked by everyone who must not: without a token, with one that is
 * wrong in one way, and with a good one of the wrong scope.
 */

const KID = 'published';

let backend: ApiUnderTest;
/** One that checks tokens by published keys. */
let published: RunningApi;
let issuerKeys: GenerateKeyPairResult;
let closeIssuer: () => void;
beforeAll(async () => {
  backend = await openApi();
  issuerKeys = await generateKeyPair('RS256', { extractable: true });
  const keys = [{ ...(await exportJWK(issuerKeys.publicKey)), kid: KID, alg: 'RS256', use: 'sig' }];
  const issuer = createServer((_, res) => {
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  }).unref();
  const { issuer: iss, audience } = AUTH;
  const url = `${await listen(issuer)}/keys`;
  closeIssuer = () => issuer.closeAllConnections();
  published = await backend.startApi({ auth: { kind: 'jwks', url, issuer: iss, audience } });
});
afterAll(async () => {
  closeIssuer();
  await backend.close();
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const now = () => Math.floor(Date.now() / 1_000);
const secret = bytesOf(AUTH.secret);

/** Someone who may do everything. */
const CLAIMS = {
  sub: 'customer-1',
  scope: 'bookings operator',
  iss: AUTH.issuer,
  aud: AUTH.audience,
};

interface Parts {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: Parameters<SignJWT['sign']>[0];
}

/** A token that is right in everything that isn't said otherwise. */
function sign({ claims = {}, header = {}, key = secret }: Parts = {}): Promise<string> {
  return new SignJWT({ ...CLAIMS, exp: now() + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(key);
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const unsigned = (alg: string, signature = '') =>
  `${part({ alg, kid: KID })}.${part({ ...CLAIMS, exp: now() + 3_600 })}.${signature}`;

/** A token that names its own key as the one to check it with. */
async function withOwnKey(header: (jwk: object) => Record<string, unknown>): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return sign({ header: { alg: 'RS256', ...header(jwk) }, key: privateKey });
}

/** What stands behind `Authorization`, and is no valid token; undefined for no such header. */
const WRONG: Record<string, () => string | undefined | Promise<string>> = {
  'no token': () => undefined,
  'an empty header': () => '',
  'a scheme alone': () => 'Bearer',
  'a password': () => `Basic ${Buffer.from('ada:ada').toString('base64')}`,
  'a token without its scheme': () => sign(),
  'a token of another scheme': async () => `DPoP ${await sign()}`,
  'what is no token': () => 'Bearer rubbish',
  'a token cut in half': async () => `Bearer ${(await sign()).slice(0, 80)}`,
  'two tokens': async () => `Bearer ${await sign()}, Bearer ${await sign()}`,
  'one that has expired': async () => `Bearer ${await sign({ claims: { exp: now() - 60 } })}`,
  'one that never expires': async () => `Bearer ${await sign({ claims: { exp: undefined } })}`,
  'one that is not valid yet': async () => `Bearer ${await sign({ claims: { nbf: now() + 60 } })}`,
  'one of the future': async () => `Bearer ${await sign({ claims: { iat: now() + 60 } })}`,
  'one of another issuer': async () =>
    `Bearer ${await sign({ claims: { iss: 'https://x.example' } })}`,
  'one for another audience': async () => `Bearer ${await sign({ claims: { aud: 'x' } })}`,
  'one of nobody': async () => `Bearer ${await sign({ claims: { sub: undefined } })}`,
  'one of another secret': async () => `Bearer ${await sign({ key: bytesOf('x'.repeat(32)) })}`,
  'one by a longer hash': async () => `Bearer ${await sign({ header: { alg: 'HS512' } })}`,
  'one without a signature': async () => `Bearer ${(await sign()).replace(/[^.]+$/, '')}`,
  'one that was changed': async () => {
    const [header, , signature] = (await sign()).split('.');
    return `Bearer ${header}.${part({ ...CLAIMS, sub: 'op-1', exp: now() + 9_999 })}.${signature}`;
  },
  'the algorithm none': () => `Bearer ${new UnsecuredJWT(CLAIMS).setExpirationTime('1h').encode()}`,
  'the algorithm None': () => `Bearer ${unsigned('None')}`,
  'the algorithm NONE, with a signature': () => `Bearer ${unsigned('NONE', 'AAAA')}`,
  'no algorithm': () => `Bearer ${unsigned('')}`,
  'a key pair of their own': async () => `Bearer ${await withOwnKey(() => ({ kid: KID }))}`,
  'a key that the token brings along': async () => `Bearer ${await withOwnKey((jwk) => ({ jwk }))}`,
  'the address of a key': async () =>
    `Bearer ${await withOwnKey(() => ({ kid: KID, jku: 'http://127.0.0.1:9/keys' }))}`,
  'a key whose name is a path, or SQL': async () =>
    `Bearer ${await sign({ header: { kid: "../../dev/null' OR '1'='1" }, key: new Uint8Array(32) })}`,
  'the public key taken for a shared secret': async () =>
    `Bearer ${await sign({ header: { kid: KID }, key: bytesOf(await exportSPKI(issuerKeys.publicKey)) })}`,
};

/** How many questions each group of tests has asked. */
const asked: Record<string, number> = {};

/** Asks each of the operations; returns those that answered otherwise than by this status. */
async function answeredOtherwise(
  operations: readonly Operation[],
  status: number,
  { at = backend, authorization }: { at?: { url: string }; authorization: string | undefined },
): Promise<string[]> {
  const client = clientOf(at.url);
  const others: string[] = [];
  for (const operation of operations) {
    const { method, path, headers, body } = sampleOf(operation);
    const credentials = authorization === undefined ? {} : { authorization };
    const answer = await client.send(method, path, {
      headers: { ...headers, ...credentials },
      body,
    });
    if (answer.status !== status) others.push(`${method} ${path}: ${answer.text}`);
  }
  const { currentTestName = '' } = expect.getState();
  const group = currentTestName.split(' with ')[0] ?? '';
  asked[group] = (asked[group] ?? 0) + operations.length;
  return others;
}

afterAll(() => {
  console.log(`${OPERATIONS.length} operations, ${SECURED.length} of them with a token:`, asked);
});

describe('the document and the routes', () => {
  /** What has no schema to be described by: pages, a metrics text, and Temporal's codec protocol. */
  const NOT_DESCRIBED = [
    'GET /api/v1/openapi.json',
    'GET /docs',
    'GET /docs/*asset',
    'GET /console',
    'GET /console/*path',
    'GET /metrics',
    'POST /codec/session-codes',
    'GET /codec/session',
    'POST /codec/decode',
    'POST /codec/encode',
  ];

  test('name the same operations: none is missing in either', () => {
    const routes = [...backend.routes()].flatMap(([pattern, methods]) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${pattern.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    const described = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    expect(routes.sort()).toEqual([...described, ...NOT_DESCRIBED].sort());
  });

  test('need a token for whatever is not open on purpose', () => {
    const open = OPERATIONS.filter((one) => one.scopes.length === 0 && !SIGNED.includes(one));
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /api/v1/airports',
      'GET /api/v1/flights',
      'GET /api/v1/flights/calendar',
      'GET /api/v1/flights/{id}',
      'GET /api/v1/flights/{id}/seats',
      'GET /api/v1/flights/{id}/seats/stream',
      'GET /api/v1/info',
      'GET /api/v1/slices',
      'GET /livez',
      'GET /readyz',
    ]);
    expect(SECURED).toHaveLength(OPERATIONS.length - open.length - SIGNED.length);
  });
});

test('a valid token gets past the door of every operation', async () => {
  // Or else the refusals below might be for another reason. What is behind the door isn't there.
  const authorization = `Bearer ${await sign()}`;
  for (const status of [401, 403]) {
    const refused = await answeredOtherwise(SECURED, status, { authorization });
    expect(refused).toHaveLength(SECURED.length);
  }
});

describe.each(['a shared secret', 'published keys'])('where tokens are checked by %s', (kind) => {
  const api = () => (kind === 'published keys' ? published : backend);

  test.each(Object.keys(WRONG))('no operation is open with %s', async (name) => {
    const authorization = await WRONG[name]?.();
    const at = api();
    expect(await answeredOtherwise(SECURED, 401, { at, authorization })).toEqual([]);
  });

  test.each(Object.keys(WRONG))(
    'and none is closed that is open to anyone with %s',
    async (name) => {
      const authorization = await WRONG[name]?.();
      const { headers } = { headers: authorization === undefined ? {} : { authorization } };
      for (const path of ['/api/v1/info', '/livez', '/api/v1/airports?q=new'])
        expect((await clientOf(api().url).get(path, headers)).status).toBe(200);
    },
  );
});

test('the codec, which is not described, is as closed', async () => {
  for (const [name, make] of Object.entries(WRONG)) {
    const authorization = await make();
    for (const path of ['/codec/session-codes', '/codec/decode', '/codec/encode']) {
      const { status } = await fetch(`${backend.url}${path}`, {
        method: 'POST',
        headers: authorization === undefined ? {} : { authorization },
      });
      expect({ name, path, status }).toEqual({ name, path, status: 401 });
    }
  }
});

test('HEAD is as closed as GET', async () => {
  for (const operation of SECURED.filter(({ method }) => method === 'GET')) {
    const { path } = sampleOf(operation);
    const { status } = await fetch(`${backend.url}${path}`, { method: 'HEAD' });
    expect({ path, status }).toEqual({ path, status: 401 });
  }
});

test('who is not known is not told what else is wrong with their request', async () => {
  for (const { method, path } of SECURED.map((one) => sampleOf(one))) {
    const body = ['GET', 'DELETE'].includes(method) ? undefined : '{"';
    const answer = await backend.anyone.send(
      method,
      `${path}${path.includes('?') ? '&' : '?'}x=1`,
      {
        body,
      },
    );
    expect({ path, status: answer.status }).toEqual({ path, status: 401 });
  }
});

describe('with a good token of another scope', () => {
  test.each(['bookings', 'operator', 'profile', ''])(
    '%p: what needs another is forbidden',
    async (scope) => {
      const closed = SECURED.filter(({ scopes }) => !scopes.includes(scope));
      expect(closed.length).toBeGreaterThan(8);
      const authorization = `Bearer ${await tokenOf({ sub: 'someone', scope })}`;
      expect(await answeredOtherwise(closed, 403, { authorization })).toEqual([]);
    },
  );
});

test.each(SIGNED)('no token stands for the signature of $path', async (operation) => {
  const authorization = `Bearer ${await sign()}`;
  expect(await answeredOtherwise([operation], 401, { authorization })).toEqual([]);
});
