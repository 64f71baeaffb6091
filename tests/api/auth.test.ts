import { createServer } from 'node:http';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type GenerateKeyPairResult,
  type JWK,
} from 'jose';
import type { Request, Response } from 'express';
import { authenticate, callerOf, type Caller } from '../../src/api/auth';
import { AUTH, listen, openApi, tokenOf, type ApiUnderTest, type RunningApi } from '../support/api';
import { clientOf, expectRefused } from './client';

/** Whoever asks for bookings must say who they are, and can't make it up. */

const SECRET = bytesOf(AUTH.secret);

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

interface TokenParts {
  claims?: Record<string, unknown>;
  alg?: string;
  kid?: string;
  key?: Parameters<SignJWT['sign']>[0];
}

/**
 * A token that is right in everything that isn't said otherwise; a claim of undefined is left out.
 */
async function sign({ claims = {}, alg = 'HS256', kid, key = SECRET }: TokenParts = {}) {
  const { issuer: iss, audience: aud } = AUTH;
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  return new SignJWT({ sub: 'customer-1', scope: 'bookings', iss, aud, exp, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(key);
}

function listWith(token: string, api: { url: string } = backend) {
  return clientOf(api.url, token).list();
}

describe('without a valid token nothing is answered', () => {
  const hourAgo = Math.floor(Date.now() / 1000) - 3_600;

  test.each<[string, TokenParts]>([
    ['has expired', { claims: { exp: hourAgo } }],
    ['expired longer ago than clocks differ', { claims: { exp: secondsFromNow(-8) } }],
    ['is valid in a while', { claims: { nbf: secondsFromNow(30) } }],
    ['was issued in the future', { claims: { iat: secondsFromNow(30) } }],
    ['never expires', { claims: { exp: undefined } }],
    ['is not valid yet', { claims: { nbf: hourAgo + 7_200 } }],
    ['is for someone else', { claims: { aud: 'another-service' } }],
    ['is for no one', { claims: { aud: undefined } }],
    ['is of another issuer', { claims: { iss: 'https://issuer.example.org' } }],
    ['is of no issuer', { claims: { iss: undefined } }],
    ['has no subject', { claims: { sub: undefined } }],
    ['has an empty subject', { claims: { sub: '' } }],
    ['has a number for a subject', { claims: { sub: 42 } }],
    ['has a subject as long as a page', { claims: { sub: 'a'.repeat(256) } }],
    ['has a null byte in its subject', { claims: { sub: 'customer\0' } }],
    ['is signed with another secret', { key: bytesOf('a'.repeat(32)) }],
    ['is signed by another algorithm', { alg: 'HS512' }],
  ])('one that %s is refused', async (_, parts) => {
    const refusal = expectRefused(await listWith(await sign(parts)), 'unauthenticated');
    expect(refusal.detail).toMatch(/^The bearer token /);
  });

  test('nor with one that is not signed, or by a key pair of the caller', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const unsigned = new UnsecuredJWT({ sub: 'customer-1' })
      .setIssuer(AUTH.issuer)
      .setAudience(AUTH.audience)
      .setExpirationTime('1h')
      .encode();
    expectRefused(await listWith(unsigned), 'unauthenticated');
    const ownKey = await sign({ alg: 'RS256', key: privateKey });
    expectRefused(await listWith(ownKey), 'unauthenticated');
  });

  test('nor with one whose content was changed', async () => {
    const [header, , signature] = (await sign()).split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'customer-2', scope: 'operator' }));
    const token = [header, forged.toString('base64url'), signature].join('.');
    expectRefused(await listWith(token), 'unauthenticated');
  });

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['a scheme alone', 'Bearer'],
    ['another scheme', 'Basic YWRhOmFkYQ=='],
    ['rubbish', 'Bearer rubbish'],
    ['three parts of rubbish', 'Bearer a.b.c'],
    ['two tokens', 'Bearer a.b.c, Bearer a.b.c'],
    ['a token that never ends', `Bearer ${'a'.repeat(12_000)}`],
  ])('nor with %s', async (_, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const path of ['/api/v1/bookings', '/api/v1/bookings/1'])
      expectRefused(await backend.anyone.get(path, headers), 'unauthenticated');
    // Whoever we don't know isn't told what is wrong with their request.
    expectRefused(await backend.anyone.post('/api/v1/bookings', '{', headers), 'unauthenticated');
  });
});

describe('a token says what its bearer may do', () => {
  test.each([
    ['no scope', undefined],
    ['null for a scope', null],
    ['another scope', 'read:everything'],
    ['an empty scope', ''],
    ['almost the right scope', 'bookingsoperator'],
    ['the right scope in capitals', 'BOOKINGS'],
    ['the right scope and a tab', 'bookings\tx'],
    ['no scopes', []],
    ['other scopes', ['read', 'write']],
    ['a scope in a list in a list', [['operator']]],
    ['a list of a text with two scopes', ['bookings operator']],
    ['a list of what is no text', [true, 7, null, { operator: true }]],
    ['a number', 7],
    ['yes', true],
    ['no scope that we understand', { operator: true }],
    ['an array that is none', { 0: 'operator', length: 1 }],
    ['a scope that never ends', 'x'.repeat(4_000)],
    ['more scopes than anyone has', Array.from({ length: 500 }, () => 'x')],
  ])('with %s they may do nothing', async (_, scope) => {
    expectRefused(await listWith(await sign({ claims: { scope } })), 'forbidden');
  });

  test.each([
    [['bookings']],
    [['operator']],
    [['openid', 'bookings', 'operator']],
    [['bookings', 7]],
  ])('with the scopes %j they may list', async (scope) => {
    expect((await listWith(await sign({ claims: { scope } }))).status).toBe(200);
  });

  test.each(['bookings', 'operator', 'openid bookings email', 'bookings operator'])(
    'with the scope %s they may list',
    async (scope) => {
      expect((await listWith(await tokenOf({ sub: 'someone', scope }))).status).toBe(200);
    },
  );

  test.each([
    ['begins to be valid in a moment', { nbf: 3 }],
    ['was issued in a moment', { iat: 3 }],
    ['has expired a moment ago', { exp: -3 }],
  ])('one that %s is accepted: clocks differ', async (_, claims) => {
    const times = Object.entries(claims).map(([name, seconds]) => [name, secondsFromNow(seconds)]);
    const answer = await listWith(await sign({ claims: Object.fromEntries(times) }));
    expect(answer.status).toBe(200);
  });

  test('the scheme may be written in any case', async () => {
    const authorization = `bearer ${await sign()}`;
    const answer = await backend.anyone.get('/api/v1/bookings', { authorization });
    expect(answer.status).toBe(200);
  });
});

describe('how many open holds a token allows', () => {
  /** What the API makes of a token. */
  async function callerBy(claims: Record<string, unknown>): Promise<Caller> {
    const headers = { authorization: `Bearer ${await sign({ claims })}` };
    const res = { locals: {} } as Response;
    const req = { headers } as unknown as Request;
    await authenticate(AUTH)(req, res, () => undefined);
    return callerOf(res);
  }

  test('is what it says, or nothing where it says nothing', async () => {
    expect(await callerBy({})).toEqual({ id: 'customer-1', isCustomer: true, isOperator: false });
    for (const max of [1, 50, 10_000])
      expect(await callerBy({ max_open_holds: max })).toMatchObject({ maxOpenHolds: max });
  });

  test.each([0, -1, 1.5, 10_001, 1e300, '50', null, true, [50], { max: 50 }])(
    'is never %j: such a token is refused',
    async (max) => {
      const answer = await listWith(await sign({ claims: { max_open_holds: max } }));
      const { detail } = expectRefused(answer, 'unauthenticated');
      expect(detail).toContain('max_open_holds');
    },
  );
});

describe('with published keys', () => {
  let issuer: Issuer;
  let api: RunningApi;
  let first: GenerateKeyPairResult;
  beforeAll(async () => {
    issuer = await openIssuer();
    first = await generateKeyPair('RS256');
    issuer.publish(await jwkOf(first, 'first', 'RS256'));
    api = await backend.startApi({ auth: issuer.auth });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => issuer.close());

  const signedBy = ({ privateKey }: GenerateKeyPairResult, kid: string, alg = 'RS256') =>
    sign({ alg, kid, key: privateKey });

  test('a token by one of them is accepted', async () => {
    expect((await listWith(await signedBy(first, 'first'), api)).status).toBe(200);
  });

  test('a token by the shared secret is not, nor by a key that nobody published', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    // The oldest trick: the public key, which anyone has, taken for a shared secret.
    const publicKey = bytesOf(await exportSPKI(first.publicKey));
    for (const token of [
      await sign(),
      await sign({ kid: 'first' }),
      await sign({ kid: 'first', key: publicKey }),
      await sign({ alg: 'RS256', kid: 'first', key: privateKey }),
      await sign({ alg: 'RS256', kid: 'unheard-of', key: privateKey }),
      await sign({ alg: 'PS256', kid: 'first', key: (await generateKeyPair('PS256')).privateKey }),
    ]) {
      expectRefused(await listWith(token, api), 'unauthenticated');
    }
  });

  test('a token by a new one is accepted when the issuer changes keys, and by the old one no more', async () => {
    const second = await generateKeyPair('ES256');
    issuer.publish(await jwkOf(second, 'second', 'ES256'));
    // Keys that we don't know are asked for twice a minute at the most.
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + 31_000);
    expect((await listWith(await signedBy(second, 'second', 'ES256'), api)).status).toBe(200);
    expectRefused(await listWith(await signedBy(first, 'first'), api), 'unauthenticated');
  });

  test('no customer is turned away as unknown because the issuer is in trouble', async () => {
    const troubled = await openIssuer();
    const fresh = await backend.startApi({ auth: troubled.auth });
    const token = await signedBy(first, 'first');
    troubled.fail();
    expectRefused(await listWith(token, fresh), 'service_unavailable');
    await troubled.close();
    expectRefused(await listWith(token, fresh), 'service_unavailable');
  });
});

type Issuer = Awaited<ReturnType<typeof openIssuer>>;

/** Someone who issues tokens and publishes the keys that they can be checked with. */
async function openIssuer() {
  let keys: JWK[] = [];
  let status = 200;
  const server = createServer((_, res) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ keys }));
  });
  const url = `${await listen(server.unref())}/keys`;
  return {
    auth: { kind: 'jwks', url, issuer: AUTH.issuer, audience: AUTH.audience } as const,
    publish: (...published: JWK[]) => {
      keys = published;
    },
    fail: () => {
      status = 503;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function jwkOf({ publicKey }: GenerateKeyPairResult, kid: string, alg: string): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}
