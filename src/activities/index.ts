import { amendmentActivities } from './amendment';
import { changeActivities } from './change';
import type { ActivityDependencies } from './dependencies';
import { externalPaymentActivities } from './external-payments';
import { paymentRecordActivities, providerActivities } from './payment';
import { providerEventActivities } from './provider-events';
import {
  refundProviderActivities,
  refundRecordActivities,
  refundStarterActivities,
  refundWaiterActivities,
} from './refund';
import { reservationActivities } from './reservation';
import { saleRefundActivities } from './sale-refund';
import { conclusionActivities } from './schedule-change/conclusion';
import { offerActivities } from './schedule-change/offers';

export type { ActivityDependencies } from './dependencies';
export type { ExternalPaymentActivities } from './external-payments';

/**
 * All activities of the booking's task queue. Each is safe to repeat at any time: it has its effect
 * once.
 */
export function createActivities(deps: ActivityDependencies) {
  return {
    ...reservationActivities(deps),
    ...paymentRecordActivities(deps),
    ...refundRecordActivities(deps),
    ...offerActivities(deps),
    ...providerActivities(deps),
    ...refundProviderActivities(deps),
    ...refundStarterActivities(deps),
    ...refundWaiterActivities(deps),
    ...saleRefundActivities(deps),
    ...providerEventActivities(deps),
    ...externalPaymentActivities(deps),
    ...changeActivities(deps),
    ...amendmentActivities(deps),
  };
}

/**
 * All activities of the background task queue: work that no customer waits for. Each is safe to
 * repeat.
 */
export function createBackgroundActivities(deps: ActivityDependencies) {
  return conclusionActivities(deps);
}

export type BackgroundActivities = ReturnType<typeof createBackgroundActivities>;

/**
 * Activities on PostgreSQL alone, which take milliseconds, so that most run inside the workflow task.
 * Only `recordUnappliedPayment` asks our own provider, too.
 */
export type DatabaseActivities = ReturnType<typeof reservationActivities> &
  ReturnType<typeof paymentRecordActivities> &
  ReturnType<typeof refundRecordActivities> &
  ReturnType<typeof offerActivities>;

/** The steps of a change of a booking, on PostgreSQL alone. */
export type ChangeActivities = ReturnType<typeof changeActivities>;

/** Corrections of names and choices of seats, on PostgreSQL alone. */
export type AmendmentActivities = ReturnType<typeof amendmentActivities>;

/** Activities that wait for a payment provider. */
export type ProviderActivities = ReturnType<typeof providerActivities> &
  ReturnType<typeof refundProviderActivities>;

/** Activities that start other workflows. */
export type RefundStarterActivities = ReturnType<typeof refundStarterActivities>;

/** Activities that refund cancelled sales. */
export type SaleRefundActivities = ReturnType<typeof saleRefundActivities>;

/** Activities that wait for refunds. */
export type RefundWaiterActivities = ReturnType<typeof refundWaiterActivities>;

/** Activities that handle our payment provider's events. */
export type ProviderEventActivities = ReturnType<typeof providerEventActivities>;
