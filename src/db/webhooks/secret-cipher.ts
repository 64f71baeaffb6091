import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../../config';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The use of the derived keys: no other use of the payload keys gets the same ones. */
const PURPOSE = 'flight-bookings/webhook-secrets';

/** Encrypts the secrets of webhook endpoints, as they are stored. */
export interface SecretCipher {
  seal(endpointId: string, secret: string): string;
  /** @throws Error when the key is not among these, or the text is not what was sealed. */
  open(endpointId: string, sealed: string): string;
  /** Whether a secret is encrypted with the key that is in use now. */
  isCurrent(sealed: string): boolean;
}

/**
 * Returns a cipher by the keys of `PAYLOAD_ENCRYPTION_KEYS`: the first encrypts, all decrypt. Each
 * is derived for this purpose (HKDF, RFC 5869).
 *
 * A sealed secret is the key's ID, a colon, and in base64 the initialization vector, the encrypted
 * secret and the tag. The endpoint's ID is authenticated: a secret is of no use in another row.
 */
export function createSecretCipher(
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): SecretCipher {
  const derived = new Map(
    keys.map(({ id, key }) => [
      id,
      Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), PURPOSE, KEY_BYTES)),
    ]),
  );
  const currentId = keys[0].id;
  const keyOf = (id: string) => {
    const key = derived.get(id);
    if (key === undefined)
      throw new Error(`A webhook secret is encrypted with the key "${id}", which is not known.`);
    return key;
  };
  return {
    seal(endpointId, secret) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(currentId), iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(endpointId));
      const encrypted = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      const data = Buffer.concat([iv, encrypted, cipher.getAuthTag()]);
      return `${currentId}:${data.toString('base64')}`;
    },
    open(endpointId, sealed) {
      const [id = '', text = ''] = sealed.split(':');
      const data = Buffer.from(text, 'base64');
      const iv = data.subarray(0, IV_BYTES);
      const decipher = createDecipheriv(CIPHER, keyOf(id), iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(endpointId));
      decipher.setAuthTag(data.subarray(-TAG_BYTES));
      const secret = decipher.update(data.subarray(IV_BYTES, -TAG_BYTES));
      return Buffer.concat([secret, decipher.final()]).toString('utf8');
    },
    isCurrent: (sealed) => sealed.startsWith(`${currentId}:`),
  };
}
