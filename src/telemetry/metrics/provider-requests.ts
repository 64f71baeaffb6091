import { Counter, Histogram, type Registry } from 'prom-client';
import type { ProviderRequest } from '../../payments/watched';

/** From the sandbox, which is as fast as a database, to a provider that we give up waiting for. */
const BUCKETS_SECONDS = [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const OPERATIONS: Record<ProviderRequest['operation'], true> = {
  authorize: true,
  capture: true,
  void: true,
  refund: true,
  find: true,
  retrieve: true,
};
const OUTCOMES: Record<ProviderRequest['outcome'], true> = {
  answered: true,
  unavailable: true,
  rejected: true,
  failed: true,
};

/**
 * Counts and times requests to payment providers. Labels are the names of the configured providers,
 * and of operations and outcomes. The current provider's counters begin with zero, so that a rate
 * of errors is a number before the first error.
 */
export function measureProviderRequests(
  registry: Registry,
  currentProvider: string,
): (request: ProviderRequest) => void {
  const requests = new Counter({
    name: 'payment_provider_requests_total',
    help: 'Requests to payment providers, by operation and how they ended.',
    labelNames: ['provider', 'operation', 'outcome'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'payment_provider_request_seconds',
    help: 'How long payment providers take to answer, or we to give up.',
    labelNames: ['provider', 'operation'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  for (const operation of Object.keys(OPERATIONS))
    for (const outcome of Object.keys(OUTCOMES))
      requests.inc({ provider: currentProvider, operation, outcome }, 0);

  return ({ provider, operation, outcome, seconds: duration }) => {
    requests.inc({ provider, operation, outcome });
    seconds.observe({ provider, operation }, duration);
  };
}
