import { ApplicationFailure, log } from '@temporalio/workflow';
import { PROVIDER_REJECTED } from '../../domain/payment';
import type { RefusalCode } from '../../domain/refusal';
import { salesCloseAt } from '../../domain/sales';
import { database, REVERSAL_TIMEOUT_MS, startRefund } from '../shared/activities';
import { isProviderFault, refusalOf } from '../shared/refusals';
import type { CardAttempt } from './card-attempt';
import type { BookingStateMachine } from './state-machine';

/**
 * Charges the card and sells the seats.
 *
 * A declined card leaves the hold as it was, until its deadline. So does a cancellation that comes
 * before the money is taken; it cancels the booking afterwards. A provider that gives no result
 * until sales close ends the booking.
 */
export async function chargeCard(
  booking: BookingStateMachine,
  attempt: CardAttempt,
): Promise<void> {
  try {
    if (!(await charge(booking, attempt))) return;
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined || isProviderFault(refusal))
      await abandonPayment(booking, attempt, failure);
    else booking.refusePayment(attempt, refusal);
    return;
  }
  booking.book(attempt, await booking.locally(database.confirmBooking(attempt.payment)));
}

/** Takes the money. Returns false when it can't be taken; the attempt has been told by then. */
async function charge(booking: BookingStateMachine, attempt: CardAttempt): Promise<boolean> {
  booking.timeline.note(
    'A card is being charged. A provider that does not respond is asked again automatically; send `retryPayment` to ask now.',
  );
  await start(booking, attempt);
  const authorization = await authorize(booking, attempt);
  if (authorization.status === 'declined') {
    await decline(booking, attempt, authorization.declineCode);
    return false;
  }
  if (booking.lateCancellation !== undefined) {
    await giveUp(booking, attempt, 'The booking is being cancelled.');
    return false;
  }
  if (authorization.status === 'requires_action') {
    await giveUp(booking, attempt, 'The payment was not confirmed in time.');
    return false;
  }
  const capture = await attempt.callProvider(
    { limitMs: timeUntilSalesClose(booking), summary: 'Capture the authorized money' },
    (provider) =>
      provider.capturePayment(authorization.providerPaymentId, attempt.payment.paymentId),
  );
  if (capture.status === 'declined') {
    await decline(booking, attempt, capture.declineCode);
    return false;
  }
  return true;
}

/**
 * Puts the payment on record. It replaces one that a worker put on record before it died, and that
 * this workflow does not know of.
 */
async function start(booking: BookingStateMachine, attempt: CardAttempt): Promise<void> {
  const { payment } = attempt;
  try {
    await booking.locally(database.startPayment(payment));
  } catch (failure) {
    const code: RefusalCode = 'payment_in_progress';
    if (refusalOf(failure)?.type !== code) throw failure;
    const orphaned = await attempt.callProvider(
      {
        limitMs: timeUntilSalesClose(booking),
        summary: 'Undo a charge that a crashed worker left open',
      },
      (provider) => provider.clearForgottenPayments(payment),
    );
    for (const owed of orphaned) await startRefund(owed);
    await booking.locally(database.startPayment(payment));
  }
}

/**
 * How long to wait for the provider's event while the customer confirms, before the provider is
 * asked again: an event can get lost.
 */
const LOOK_AGAIN_MS = 60 * 1000;

/**
 * Reserves the money. If the customer's bank requires an action first, the customer is told, and
 * has until the deadline.
 */
async function authorize(booking: BookingStateMachine, attempt: CardAttempt) {
  for (;;) {
    const authorization = await attempt.callProvider(
      {
        limitMs: timeUntilSalesClose(booking),
        summary: "Authorize the price on the customer's card",
      },
      (provider) => {
        booking.hasProviderEvent = false;
        return provider.authorizePayment(attempt.payment);
      },
    );
    const isToWait = !booking.isPastDeadline && booking.lateCancellation === undefined;
    if (authorization.status !== 'requires_action' || !isToWait) return authorization;
    booking.requireAction(attempt, authorization.nextAction);
    await booking.nextProviderEvent(LOOK_AGAIN_MS);
  }
}

async function decline(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  code: string,
): Promise<void> {
  // The customer can try again until the deadline. Operators must see why nobody can pay.
  if (code === PROVIDER_REJECTED)
    log.error('The payment provider rejects the charge', { paymentId: attempt.payment.paymentId });
  booking.declinePayment(
    attempt,
    await booking.locally(database.recordDecline(attempt.payment, code)),
  );
}

/** Undoes the authorization. */
async function giveUp(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  detail: string,
): Promise<void> {
  const { payment } = attempt;
  const reversal = await attempt.callProvider(
    { limitMs: REVERSAL_TIMEOUT_MS, summary: 'Void the authorization' },
    (provider) => provider.reversePayment(payment, 'given_up'),
  );
  if (reversal === 'owed_back') await startRefund(payment.paymentId);
  booking.refusePayment(attempt, notPayable(detail));
}

/**
 * Ends a booking whose charge has an unknown outcome: the provider gave no result until sales
 * closed, rejects every such request, or isn't configured. A workflow of its own looks up and
 * undoes whatever was charged.
 */
async function abandonPayment(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  failure: unknown,
): Promise<void> {
  const what =
    refusalOf(failure) === undefined
      ? 'The payment provider did not respond until sales closed'
      : 'The payment provider rejects the payment, or is not configured';
  log.error(what, { failure: String(failure) });
  booking.timeline.note(`${what}.`);
  await startRefund(attempt.payment.paymentId);
  const message = 'The payment could not be completed; the booking is cancelled.';
  booking.abandonPayment(attempt, notPayable(message));
}

function notPayable(detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(detail, 'booking_not_payable' satisfies RefusalCode);
}

/**
 * The provider is asked for at least this long, even if a payment came just before sales closed.
 */
const MIN_CHARGE_TIMEOUT_MS = 60 * 1000;

function timeUntilSalesClose({ hold }: BookingStateMachine): number {
  const salesClose = salesCloseAt(new Date(hold.flight.departureAt));
  return Math.max(MIN_CHARGE_TIMEOUT_MS, salesClose.getTime() - Date.now());
}
