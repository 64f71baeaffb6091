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

/**
 * By default gRPC waits for up to two minutes before it tries again to connect, so that a Temporal that
 * is back would not be found for as long; and for 45 seconds until it takes a connection that brings
 * nothing for broken. Temporal refuses pings that come more often than every ten seconds.
 */
const CHANNEL_ARGS = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 15_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/**
 * The same for a client, which is connected again within some two seconds of when Temporal can be
 * reached.
 */
export function clientConnectionOptions(config: Pick<TemporalConfig, 'address' | 'variables'>) {
  return { ...temporalConnectionOptions(config), channelArgs: CHANNEL_ARGS };
}
