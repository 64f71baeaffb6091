import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalConfig } from '../config';

/**
 * How to reach Temporal: the address of our configuration; TLS, API key and headers as Temporal's
 * own environment configuration has them (`TEMPORAL_TLS…`, `TEMPORAL_API_KEY`, or a profile file).
 * With an API key TLS is on.
 *
 * `variables` are those of our configuration, too: the SDK would take one that is set to nothing
 * for a setting, and knows of no file that a key may be in.
 */
export function temporalConnectionOptions({
  address,
  variables,
}: Pick<TemporalConfig, 'address' | 'variables'>) {
  const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: variables });
  return { ...connectionOptions, address };
}
