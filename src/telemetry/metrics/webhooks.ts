import { Counter, Histogram, type Registry } from 'prom-client';
import type { WebhookAttemptDependencies } from '../../activities/webhook-attempts';

/** From a receiver next door to one that is cut off. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** Counts attempts to send events to webhook endpoints. No label names an endpoint. */
export function countWebhooks(registry: Registry): WebhookAttemptDependencies['note'] {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'webhook_deliveries_total',
    help: 'Attempts to send an event to a webhook endpoint; failed ones are not repeated.',
    labelNames: ['status'],
    registers,
  });
  const durations = new Histogram({
    name: 'webhook_delivery_duration_seconds',
    help: 'How long endpoints took to respond.',
    buckets: SECONDS,
    registers,
  });
  const disabled = new Counter({
    name: 'webhook_endpoints_disabled_total',
    help: 'Endpoints that were disabled since they failed for 72 hours.',
    registers,
  });
  for (const status of ['succeeded', 'retrying', 'failed'] as const) deliveries.inc({ status }, 0);
  return ({ status, durationMs, isDisabled }) => {
    deliveries.inc({ status });
    durations.observe(durationMs / 1000);
    if (isDisabled) disabled.inc();
  };
}
