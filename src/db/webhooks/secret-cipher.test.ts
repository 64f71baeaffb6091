import { randomBytes } from 'node:crypto';
import { createSecretCipher } from './secret-cipher';

const key = (id: string) => ({ id, key: randomBytes(32) });
const OLD = key('old');
const NEW = key('new');
const SECRET = 'whsec_c2VjcmV0LW9mLWEtc2hvcC10aGF0LWlzLWxvbmc=';

test('a secret is read with the key that sealed it, also once another one is first', () => {
  const sealed = createSecretCipher([OLD]).seal('endpoint-1', SECRET);
  const rotated = createSecretCipher([NEW, OLD]);
  expect(sealed).not.toContain(SECRET);
  expect(rotated.open('endpoint-1', sealed)).toBe(SECRET);
  expect(rotated.isCurrent(sealed)).toBe(false);
  expect(rotated.isCurrent(rotated.seal('endpoint-1', SECRET))).toBe(true);
});

test('a secret that was put into the row of another endpoint, or changed, is not read', () => {
  const cipher = createSecretCipher([NEW]);
  const sealed = cipher.seal('endpoint-1', SECRET);
  expect(() => cipher.open('endpoint-2', sealed)).toThrow();
  expect(() => cipher.open('endpoint-1', `${sealed.slice(0, -4)}AAA=`)).toThrow();
});

test('a secret whose key is gone names the key, and nothing of itself', () => {
  const sealed = createSecretCipher([OLD]).seal('endpoint-1', SECRET);
  expect(() => createSecretCipher([NEW]).open('endpoint-1', sealed)).toThrow(
    'A webhook secret is encrypted with the key "old", which is not known.',
  );
});
