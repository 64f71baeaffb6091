import { Client, Connection } from '@temporalio/client';
import { temporalConnectionOptions } from '../src/temporal/connection';
import { createEncryptionCodec } from '../src/temporal/encryption/codec';
import { createDataConverter } from '../src/temporal/encryption/data-converter';
import { describeError, StackFailure } from './stack/failure';
import { temporalAddress } from './stack/temporal-address';

/** Whoever waits at a terminal would rather know. */
const CONNECT_TIMEOUT = '4s';

/** Connects a command to Temporal for as long as `work` takes; `operator` is who histories say has sent its messages. */
export async function withTemporalClient<T>(
  work: (client: Client, taskQueue: string) => Promise<T>,
  operator?: string,
): Promise<T> {
  const { address, apiKey, namespace, taskQueue, encryptionKeys } = temporalAddress();
  const dataConverter = createDataConverter(createEncryptionCodec(encryptionKeys));
  const connection = await Connection.connect({
    ...temporalConnectionOptions({ address, apiKey }),
    connectTimeout: CONNECT_TIMEOUT,
  }).catch((error: unknown) => {
    throw new StackFailure(`Temporal at ${address}: ${describeError(error)}.`);
  });
  try {
    const identity = operator === undefined ? {} : { identity: operator };
    const client = new Client({ connection, namespace, dataConverter, ...identity });
    return await work(client, taskQueue);
  } finally {
    await connection.close();
  }
}
