import { formatMoney } from '../../../domain/money';
import type { BookingStateMachine } from '../state-machine';
import type { Rejected } from './queue';

/** More lines than this would push other events of the booking off the timeline. */
const MAX_LINES = 5;

/**
 * Notes payments that were just recorded as unapplied on the timeline: a line each, or one line for
 * all if there are many.
 */
export function noteRejected(booking: BookingStateMachine, rejected: readonly Rejected[]): void {
  if (rejected.length <= MAX_LINES) {
    for (const one of rejected) booking.timeline.note(sentenceOf(booking, one));
    return;
  }
  booking.timeline.note(
    `${rejected.length} payments of other services were recorded; none of them pays for the booking.`,
  );
}

function sentenceOf(
  booking: BookingStateMachine,
  { attempt: { payment }, reason, isAskedOn }: Rejected,
) {
  const { provider, providerPaymentId } = payment;
  const sent = `${provider} sent ${formatMoney(payment)}`;
  switch (reason) {
    case 'amount_mismatch':
      return `${sent}; the price is ${formatMoney(booking.hold.price)}; it is being returned.`;
    case 'late':
      return `${sent} after the deadline; it is being returned.`;
    case 'second_payment':
      return `${sent}; the booking has been paid already; it is being returned.`;
    case 'booking_cancelled':
      return `${sent}; the booking is cancelled; it is being returned.`;
    case 'unknown_booking':
      return `${sent} for an unknown booking; it is being returned.`;
    case 'not_found':
      return (
        `${provider} has not captured payment ${providerPaymentId} for this booking; ` +
        'it pays for nothing, and nothing is returned.'
      );
    case 'provider_silent':
      return (
        `${provider} does not respond about payment ${providerPaymentId}; ` +
        `it pays for nothing${isAskedOn === true ? ' yet, and is looked up again.' : '.'}`
      );
    default:
      return reason satisfies never;
  }
}
