import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalConfig } from '../config';

/**
 * Returns how to connect to Temporal. The address is from our configuration. TLS, API key and
 * headers are from Temporal's own environment configuration (`TEMPORAL_TLS…`, `TEMPORAL_API_KEY`,
 * or a profile file). With an API key TLS is on.
 *
 * `variables` are those of our configuration, too. The SDK would take an empty variable for a
 * setting, and can't read a key from a file.
 */
export function temporalConnectionOptions({
  address,
  variables,
}: Pick<TemporalConfig, 'address' | 'variables'>) {
  const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: variables });
  return { ...connectionOptions, address };
}
