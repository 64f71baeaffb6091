import type { JWTPayload } from 'jose';
import { verifyOncePerMinute } from './token-cache';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

/** An issuer of tokens that each say when they expire. It can withdraw the key of all of them. */
function openIssuer() {
  const issuer = { isKeyPublished: true };
  const verify = verifyOncePerMinute((token) => {
    const claims = JSON.parse(token) as JWTPayload;
    const isExpired = (claims.exp ?? 0) * 1_000 <= Date.now();
    if (isExpired || !issuer.isKeyPublished) return Promise.reject(new Error('not valid'));
    return Promise.resolve(claims);
  });
  const tokenFor = (sub: string, { seconds }: { seconds: number }) =>
    JSON.stringify({ sub, exp: NOW / 1_000 + seconds });
  return { issuer, verify, tokenFor };
}

test('a token whose key was withdrawn is refused within a minute', async () => {
  const { issuer, verify, tokenFor } = openIssuer();
  const token = tokenFor('ada', { seconds: 3_600 });
  expect(await verify(token)).toMatchObject({ sub: 'ada' });
  issuer.isKeyPublished = false;
  jest.advanceTimersByTime(59_999);
  expect(await verify(token)).toMatchObject({ sub: 'ada' });
  jest.advanceTimersByTime(1);
  await expect(verify(token)).rejects.toThrow('not valid');
});

test('a token is refused from the moment it expires, however recently it was verified', async () => {
  const { verify, tokenFor } = openIssuer();
  const token = tokenFor('ada', { seconds: 10 });
  jest.advanceTimersByTime(9_999);
  expect(await verify(token)).toMatchObject({ sub: 'ada' });
  jest.advanceTimersByTime(1);
  await expect(verify(token)).rejects.toThrow('not valid');
});

test('a token that was refused is accepted as soon as its key is published', async () => {
  const { issuer, verify, tokenFor } = openIssuer();
  const token = tokenFor('ada', { seconds: 3_600 });
  issuer.isKeyPublished = false;
  await expect(verify(token)).rejects.toThrow('not valid');
  issuer.isKeyPublished = true;
  expect(await verify(token)).toMatchObject({ sub: 'ada' });
});

test('each token has its own claims, even with many callers', async () => {
  const { verify, tokenFor } = openIssuer();
  for (let round = 0; round < 2; round += 1) {
    for (let caller = 0; caller < 6_000; caller += 1) {
      const sub = `customer-${String(caller)}`;
      expect(await verify(tokenFor(sub, { seconds: 60 }))).toMatchObject({ sub });
    }
  }
});
