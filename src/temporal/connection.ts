import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalConfig } from '../config';

/**
 * How to reach Temporal: the address of our configuration; TLS and API key as Temporal's own environment configuration has them
 * (`TEMPORAL_TLS…`, `TEMPORAL_API_KEY`, or a profile file), or the key from a file of its own. With an API key TLS is on.
 */
export function temporalConnectionOptions({
  address,
  apiKey,
}: Pick<TemporalConfig, 'address' | 'apiKey'>) {
  const { connectionOptions } = loadClientConnectConfig();
  return { ...connectionOptions, address, ...(apiKey === undefined ? {} : { apiKey }) };
}
