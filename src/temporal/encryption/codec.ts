import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { EncryptionKey } from '../../config';

const { Payload: PayloadMessage } = temporal.api.common.v1;

const CIPHER = 'aes-256-gcm';

/**
 * The size that GCM is designed for. Random ones allow 2^32 uses of one key (NIST SP 800-38D, 8.3).
 */
const IV_BYTES = 12;
const TAG_BYTES = 16;

const ENCODING = 'binary/encrypted';

/**
 * An encrypted payload that we can't read. Its message names the key and shows nothing of the
 * payload.
 */
export class UnreadablePayload extends Error {
  override name = 'UnreadablePayload';
}

/**
 * Encrypts whatever is sent to Temporal, with the first key; decrypts with whichever key was used.
 * Unencrypted payloads, from other services or the command line, are read as they are.
 *
 * The data are the initialization vector, the whole payload as an encrypted protobuf message, and
 * the tag. The key's ID is authenticated with them.
 *
 * @throws UnreadablePayload when the key is not among these, or the data are not what was encrypted
 * with it.
 */
export function createEncryptionCodec(
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): PayloadCodec {
  const [current] = keys;
  return {
    encode: (payloads) => settled(() => payloads.map((payload) => encrypt(payload, current))),
    decode: (payloads) => settled(() => payloads.map((payload) => decrypt(payload, keys))),
  };
}

/** Returns the result as a promise; what is thrown rejects it. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function encrypt(payload: Payload, { id, key }: EncryptionKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(id));
  const message = PayloadMessage.encode(payload).finish();
  return {
    metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) },
    data: Buffer.concat([iv, cipher.update(message), cipher.final(), cipher.getAuthTag()]),
  };
}

function decrypt(payload: Payload, keys: readonly EncryptionKey[]): Payload {
  if (textOf(payload.metadata?.encoding) !== ENCODING) return payload;
  const id = textOf(payload.metadata?.['encryption-key-id']);
  const key = keys.find((known) => known.id === id);
  if (key === undefined) {
    throw new UnreadablePayload(`A payload is encrypted with the key "${id}", which is not known.`);
  }
  try {
    return open(payload.data ?? new Uint8Array(), key);
  } catch {
    throw new UnreadablePayload(
      `A payload is not what was encrypted with the key "${id}": it is damaged, or the key is wrong.`,
    );
  }
}

function open(data: Uint8Array, { id, key }: EncryptionKey): Payload {
  const iv = data.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  const message = decipher.update(data.subarray(IV_BYTES, -TAG_BYTES));
  return PayloadMessage.decode(Buffer.concat([message, decipher.final()]));
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
