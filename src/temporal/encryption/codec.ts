import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';
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

const ENCODING = Buffer.from('binary/encrypted');

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
  const known = keys.map(prepare);
  const current = prepare(keys[0]);
  return {
    encode: (payloads) => settled(() => payloads.map((payload) => encrypt(payload, current))),
    decode: (payloads) => settled(() => payloads.map((payload) => decrypt(payload, known))),
  };
}

/** Returns the result as a promise; what is thrown rejects it. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

/** A key in the forms that every payload needs. */
interface PreparedKey {
  id: string;
  idBytes: Buffer;
  key: KeyObject;
}

function prepare({ id, key }: EncryptionKey): PreparedKey {
  return { id, idBytes: Buffer.from(id), key: createSecretKey(key) };
}

/** Random bytes for the next initialization vectors, each used once: asking for each is dear. */
const ivs = Buffer.alloc(256 * IV_BYTES);
let usedIvBytes = ivs.length;

/** Writes an initialization vector to the beginning of the data, and returns it. */
function writeIv(data: Buffer): Buffer {
  if (usedIvBytes === ivs.length) {
    randomFillSync(ivs);
    usedIvBytes = 0;
  }
  ivs.copy(data, 0, usedIvBytes, usedIvBytes + IV_BYTES);
  usedIvBytes += IV_BYTES;
  return data.subarray(0, IV_BYTES);
}

function encrypt(payload: Payload, { idBytes, key }: PreparedKey): Payload {
  const message = PayloadMessage.encode(payload).finish();
  const data = Buffer.allocUnsafe(IV_BYTES + message.length + TAG_BYTES);
  const cipher = createCipheriv(CIPHER, key, writeIv(data), { authTagLength: TAG_BYTES });
  cipher.setAAD(idBytes);
  // GCM encrypts byte by byte: nothing is left for the end.
  cipher.update(message).copy(data, IV_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(data, IV_BYTES + message.length);
  return { metadata: { encoding: ENCODING, 'encryption-key-id': idBytes }, data };
}

function decrypt(payload: Payload, keys: readonly PreparedKey[]): Payload {
  const encoding = payload.metadata?.encoding;
  if (encoding === undefined || !ENCODING.equals(encoding)) return payload;
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

function open(data: Uint8Array, { idBytes, key }: PreparedKey): Payload {
  const iv = data.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(idBytes);
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  const message = decipher.update(data.subarray(IV_BYTES, -TAG_BYTES));
  decipher.final();
  return PayloadMessage.decode(message);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
