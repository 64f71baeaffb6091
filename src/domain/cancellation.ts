import type { FareConditions } from './fare';
import type { Money } from './money';
import { refundOfUnused, type PaidSegment } from './schedule-change-offer';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Within this time after booking, the passenger may cancel for free. */
const SECOND_THOUGHTS_MS = DAY_MS;

/** …provided that departure was at least this far away when they booked. */
const SECOND_THOUGHTS_BEFORE_DEPARTURE_MS = 7 * DAY_MS;

export interface PaidBooking {
  captured: Money;
  conditions: FareConditions;
  bookedAt: Date;
  /** When its first flight departs. */
  departureAt: Date;
  /** A significant schedule change that nobody has responded to; null where there is none. */
  disruption: Disruption | null;
}

/** What the airline did to a booking, as far as it decides what goes back. */
export interface Disruption {
  scheduleChangeId: string;
  segments: PaidSegment[];
  /** When each slice was to depart, as a person accepted it last. */
  departures: Date[];
}

/** What is refunded to the passenger, and what is kept. They sum to what was captured. */
export interface CancellationQuote {
  refund: Money;
  fee: Money;
}

/**
 * Returns what a cancellation refunds.
 *
 * - While a significant schedule change is not responded to, all of it, or the price of the flights
 *   that were not used (14 CFR 260.6).
 * - All of it when the airline cancels.
 * - All of it within 24 hours of a booking that was made 7 days or more before departure (14 CFR
 *   259.5(b)(4)).
 * - Otherwise what the fare's conditions leave: nothing of a fare that isn't refundable.
 */
export function quoteCancellation(
  { captured, conditions, bookedAt, departureAt, disruption }: PaidBooking,
  { byOperator, at }: { byOperator: boolean; at: Date },
): CancellationQuote {
  if (disruption !== null) {
    const refund = refundOfUnused(captured, disruption.segments, at);
    return { refund, fee: { ...captured, amount: captured.amount - refund.amount } };
  }
  const isFree = byOperator || isSecondThought({ bookedAt, departureAt }, at);
  const kept = conditions.refundable ? conditions.cancellationFee.amount : captured.amount;
  const fee = isFree ? 0 : Math.min(kept, captured.amount);
  const { amount, currency } = captured;
  return { refund: { amount: amount - fee, currency }, fee: { amount: fee, currency } };
}

function isSecondThought(
  { bookedAt, departureAt }: Pick<PaidBooking, 'bookedAt' | 'departureAt'>,
  at: Date,
): boolean {
  return (
    at.getTime() - bookedAt.getTime() <= SECOND_THOUGHTS_MS &&
    departureAt.getTime() - bookedAt.getTime() >= SECOND_THOUGHTS_BEFORE_DEPARTURE_MS
  );
}

/**
 * Whether a booking can still be cancelled: not once its first flight has departed, unless the
 * airline has disrupted the rest of it.
 */
export function isCancellableAt(
  { departureAt, disruption }: Pick<PaidBooking, 'departureAt' | 'disruption'>,
  at: Date,
): boolean {
  return at < departureAt || disruption !== null;
}
