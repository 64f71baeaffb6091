import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { DatabaseActivities, ProviderActivities, RefundStarters } from '../activities';

/**
 * The steps of a booking, and how long each may take.
 *
 * Database steps are local activities: they run inside the workflow task, so that a create costs a single one. They are tried again every second at the
 * most, for as long as it takes: a deadline that came while PostgreSQL was away is kept within two seconds of its return.
 */
const databaseStep = {
  // Ten times what the slowest statement needs; the pool and the statements have shorter limits of their own.
  startToCloseTimeout: '6s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '1s' },
} as const;

export const database =
  proxyLocalActivities<Omit<DatabaseActivities, 'reserveSeats' | 'recordUnappliedPayment'>>(
    databaseStep,
  );

/**
 * Database steps that run beside others, since messages come at any time. They are no local activities: of those that run at once, a replay takes the
 * answers in the order in which they began, whatever order they came in, and finds another history than its own.
 */
export const alongside =
  proxyActivities<Pick<DatabaseActivities, 'recordUnappliedPayment' | 'releaseSeats'>>(
    databaseStep,
  );

/** A customer who has waited five minutes for seats has gone: the booking is cancelled instead. */
export const { reserveSeats } = proxyLocalActivities<Pick<DatabaseActivities, 'reserveSeats'>>({
  ...databaseStep,
  scheduleToCloseTimeout: '5m',
});

/** An hour: a provider that is away for longer is for people to talk to. */
export const PATIENCE_FOR_UNDOING_MS = 60 * 60 * 1000;

/** How long a provider may take over one answer before it is asked again; the slowest ones need three seconds. */
const PROVIDER_ANSWER = '5s';

/** Steps that ask the provider, again and again under the same key until `limitMs` have passed; `summary` tells an operator what for. */
export function askProvider(limitMs: number, summary: string) {
  return proxyActivities<ProviderActivities>({
    summary,
    startToCloseTimeout: PROVIDER_ANSWER,
    scheduleToCloseTimeout: limitMs,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
  });
}

/** Hands a payment over to a workflow of its own, which gives back what is owed of it. */
export const { startRefund } = proxyActivities<RefundStarters>({
  summary: 'Start the workflow that gives the money back',
  startToCloseTimeout: '5s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});
