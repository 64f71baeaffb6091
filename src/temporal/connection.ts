import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalConfig } from '../config';

/**
 * How to reach Temporal: the address of our configuration; TLS and API key as Temporal's own environment configuration has them
 * (`TEMPORAL_TLS…`, `TEMPORAL_API_KEY`, or a profile file).
 */
export function temporalConnectionOptions({ address }: TemporalConfig) {
  return { ...loadClientConnectConfig().connectionOptions, address };
}
