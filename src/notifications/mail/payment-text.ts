import type { Booking, CancellationReason } from '../../domain/booking';
import { amountText } from './amounts';

/** What a booking costs, line by line, in words. */
export interface PriceText {
  base: string;
  taxes: string;
  fees: string;
  total: string;
}

export function priceText({ price }: Booking): PriceText {
  const { breakdown, currency } = price;
  const text = (amount: number) => amountText({ amount, currency });
  return {
    base: text(breakdown.base),
    taxes: text(breakdown.taxes),
    fees: text(breakdown.fees),
    total: amountText(price),
  };
}

/** Says what becomes of the money of a cancelled booking. */
export function refundText({ refund, payment }: Booking): string {
  if (refund !== null) return refundStateText(refund.status, amountText(refund));
  const status = payment?.status;
  switch (status) {
    case 'captured':
      return 'Under the rules of your fare, nothing is refunded.';
    case 'processing':
    case 'authorized':
      return 'If a payment of yours is still under way, we return it.';
    case 'declined':
    case 'voided':
    case 'not_found':
    case undefined:
      return 'You have not been charged.';
    default:
      throw new Error(`Bug: ${String(status satisfies never)} is no status`);
  }
}

function refundStateText(status: NonNullable<Booking['refund']>['status'], amount: string): string {
  switch (status) {
    case 'pending':
      return `We are refunding ${amount} to your original form of payment. Your bank may need a few days to show it.`;
    case 'succeeded':
      return `We have refunded ${amount} to your original form of payment. Your bank may need a few days to show it.`;
    case 'needs_operator':
      return `We owe you ${amount}. Our staff will refund it to you.`;
    default:
      throw new Error(`Bug: ${String(status satisfies never)} is no status`);
  }
}

/** Says why a booking was cancelled; empty where it was not. */
export function cancellationText({ cancellationReason, scheduleChange }: Booking): string {
  return cancellationReason === null ? '' : reasonText(cancellationReason, scheduleChange);
}

function reasonText(reason: CancellationReason, scheduleChange: Booking['scheduleChange']): string {
  switch (reason) {
    case 'customer_request':
      return 'It was cancelled as you asked.';
    case 'operator_request':
      return 'The airline has cancelled it.';
    case 'payment_expired':
      return 'It was not paid for in time, so its seats are on sale again.';
    case 'reservation_failed':
      return 'The payment could not be completed in time.';
    case 'flight_cancelled':
      return disruptionText(scheduleChange);
    case 'seats_unavailable':
      return 'There were not enough free seats.';
    case 'flight_closed':
      return 'Sales of its flight had closed.';
    case 'too_many_holds':
      return 'You had too many bookings that were not paid for.';
    default:
      throw new Error(`Bug: ${String(reason satisfies never)} is no reason`);
  }
}

/** Nothing is known of the schedule change of a booking that was not paid for: it had no offer. */
function disruptionText(scheduleChange: Booking['scheduleChange']): string {
  if (!scheduleChange) return 'The airline has cancelled a flight of it, or moved it.';
  const flights = scheduleChange.after.flatMap(({ segments }) => segments);
  return flights.some(({ status }) => status === 'cancelled')
    ? 'The airline has cancelled a flight of it.'
    : 'The airline has moved a flight of it, and you did not respond in time.';
}
