import { Client, Connection } from '@temporalio/client';
import { clientConnectionOptions } from '../temporal/connection';
import { createEncryptionCodec } from '../temporal/encryption/codec';
import { createDataConverter } from '../temporal/encryption/data-converter';
import { CommandFailure, describeError } from './failure';
import { required, type Target } from './target';

/** Short, because a person waits at a terminal. */
const CONNECT_TIMEOUT = '4s';

/** The client for messages to workflows, and the task queue for starting them. */
export interface TemporalAccess {
  client: Client;
  taskQueue: string;
}

/**
 * Connects to the target's Temporal for as long as `work` takes. Histories record `by` as the
 * sender of its messages.
 *
 * @throws CommandFailure when the target names no Temporal or no keys, or it can't be reached.
 */
export async function withTemporal<T>(
  target: Target,
  work: (temporal: TemporalAccess) => Promise<T>,
  by?: string,
): Promise<T> {
  const { namespace, taskQueue, variables } = target.config.temporal;
  const address = required(target.config.temporal.address, 'TEMPORAL_ADDRESS', target);
  const keys = required(target.config.encryptionKeys, 'PAYLOAD_ENCRYPTION_KEYS', target);
  const dataConverter = createDataConverter(createEncryptionCodec(keys));
  const connection = await Connection.connect({
    ...clientConnectionOptions({ address, variables }),
    connectTimeout: CONNECT_TIMEOUT,
  }).catch((error: unknown) => {
    throw new CommandFailure(`Temporal at ${address}: ${describeError(error)}.`);
  });
  try {
    const identity = by === undefined ? {} : { identity: by };
    const client = new Client({ connection, namespace, dataConverter, ...identity });
    return await work({ client, taskQueue });
  } finally {
    await connection.close();
  }
}
