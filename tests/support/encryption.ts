import { RECORDED_WITH } from '../../src/cli/gate/recorded-history';
import { EncryptionKeys } from '../../src/config';
import { createEncryptionCodec } from '../../src/temporal/encryption/codec';
import {
  createDataConverter,
  createWorkerDataConverter,
} from '../../src/temporal/encryption/data-converter';

/**
 * What `PAYLOAD_ENCRYPTION_KEYS` holds in tests: an ID, and a key that the ID stands for, so that
 * the same ID is the same key.
 */
export function encryptionKey(id: string): string {
  return `${id}:${Buffer.alloc(32, id).toString('base64')}`;
}

/** The key of everything that tests let run, and so of the histories that are recorded there. */
export const TEST_KEY = RECORDED_WITH;

/** The same, parsed. */
export const TEST_KEYS = EncryptionKeys.parse(TEST_KEY);

export const testCodec = createEncryptionCodec(TEST_KEYS);

/** How clients of the tests talk to Temporal: encrypted, as they do in production. */
export const testDataConverter = createDataConverter(testCodec);

/** How workers and replays of the tests do. */
export const testWorkerDataConverter = createWorkerDataConverter(testCodec);
