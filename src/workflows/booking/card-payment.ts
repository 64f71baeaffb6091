import { ApplicationFailure, log } from '@temporalio/workflow';
import type { ProviderActivities } from '../../activities';
import { PROVIDER_REJECTED } from '../../domain/payment';
import type { RefusalCode } from '../../domain/refusal';
import { salesCloseAt } from '../../domain/sales';
import type {
  DeclinedPayment,
  PaymentResult,
  StartedPayment,
} from '../../temporal/contracts/booking';
import { database, payByCard, REVERSAL_TIMEOUT_MS, startRefund } from '../shared/activities';
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
  booking.timeline.note(
    'A card is being charged. A provider that does not respond is asked again automatically; send `retryPayment` to ask now.',
  );
  const paid = await payInOneActivity(booking, attempt);
  if (paid?.status === 'settled') settle(booking, attempt, paid.result);
  else await payStepByStep(booking, attempt, paid);
}

type PaidByCard = Awaited<ReturnType<ProviderActivities['payByCard']>>;

/** A payment that one activity has begun, and that is not settled. */
type Begun = Exclude<PaidByCard, { status: 'settled' | 'not_started' }>;

/**
 * Has one activity do all of it, as most payments can be. Returns undefined when it must be done
 * step by step, whatever has been done by then.
 */
async function payInOneActivity(
  booking: BookingStateMachine,
  { payment }: CardAttempt,
): Promise<Exclude<PaidByCard, { status: 'not_started' }> | undefined> {
  if (!booking.paysInOneActivity || booking.lateCancellation !== undefined) return undefined;
  booking.hasProviderEvent = false;
  try {
    const paid = await payByCard(payment);
    return paid.status === 'not_started' ? undefined : paid;
  } catch (failure) {
    log.warn('A card payment goes on step by step', { failure: String(failure) });
    return undefined;
  }
}

function settle(booking: BookingStateMachine, attempt: CardAttempt, result: PaymentResult): void {
  if (result.outcome === 'declined') noteDecline(booking, attempt, result);
  else booking.book(attempt, result);
}

/** Takes the money, and sells the seats for it: steps that are each repeated until they succeed. */
async function payStepByStep(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  begun: Begun | undefined,
): Promise<void> {
  try {
    const providerPaymentId = await takeMoney(booking, attempt, begun);
    if (providerPaymentId !== undefined) await sell(booking, attempt, providerPaymentId);
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined || isProviderFault(refusal))
      await abandonPayment(booking, attempt, failure);
    else booking.refusePayment(attempt, refusal);
  }
}

/**
 * Sells the seats for money that was taken. Where the database has the booking as settled, though this
 * workflow has never heard of that, the money goes back.
 */
async function sell(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  providerPaymentId: string,
): Promise<void> {
  for (;;) {
    try {
      const confirmed = database.confirmBooking(attempt.payment, providerPaymentId);
      booking.book(attempt, await booking.locally(confirmed));
      return;
    } catch (failure) {
      const refusal = refusalOf(failure);
      if (refusal === undefined) throw failure;
      if ((await giveUp(booking, attempt, refusal.message)) !== 'sold') return;
    }
  }
}

/**
 * Takes the money. Returns the provider's ID of the payment; undefined when the money can't be
 * taken, which the attempt has been told by then.
 */
async function takeMoney(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  begun: Begun | undefined,
): Promise<string | undefined> {
  const started = begun?.started ?? (await start(booking, attempt));
  const charged = await charge(booking, attempt, started, begun);
  switch (charged.status) {
    case 'captured':
      return charged.providerPaymentId;
    case 'declined':
      await decline(booking, attempt, charged.declineCode);
      return undefined;
    case 'authorized':
    case 'requires_action':
      return takeReserved(booking, attempt, charged);
    default:
      return charged satisfies never;
  }
}

/** Takes reserved money, if it is still wanted. Returns as {@link takeMoney} does. */
async function takeReserved(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  { status, providerPaymentId }: { status: string; providerPaymentId: string },
): Promise<string | undefined> {
  const why = whyNotTaken(booking, status);
  if (why !== undefined) {
    const reversal = await giveUp(booking, attempt, why);
    return reversal === 'sold' ? providerPaymentId : undefined;
  }
  const capture = await attempt.callProvider(
    { limitMs: timeUntilSalesClose(booking), summary: 'Capture the authorized money' },
    (provider) => provider.capturePayment(providerPaymentId, attempt.payment.paymentId),
  );
  if (capture.status === 'captured') return providerPaymentId;
  await decline(booking, attempt, capture.declineCode);
  return undefined;
}

/** Returns why reserved money is no longer wanted; undefined when it is. */
function whyNotTaken({ lateCancellation }: BookingStateMachine, status: string) {
  if (lateCancellation !== undefined) return 'The booking is being cancelled.';
  return status === 'requires_action' ? 'The payment was not confirmed in time.' : undefined;
}

/**
 * Puts the payment on record. It replaces one that a worker put on record before it died, and that
 * this workflow does not know of.
 *
 * Returns nothing where an earlier release put it on record: its activity returned nothing. So the
 * history itself tells how the payment goes on, and needs no marker of a patch.
 */
async function start(
  booking: BookingStateMachine,
  attempt: CardAttempt,
): Promise<StartedPayment | undefined> {
  const { payment } = attempt;
  try {
    return await booking.locally(database.startPayment(payment));
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
    return booking.locally(database.startPayment(payment));
  }
}

type Reversal = Awaited<ReturnType<ProviderActivities['reversePayment']>>;

type Charged = Awaited<ReturnType<ProviderActivities['chargeCard']>>;

/**
 * How long to wait for the provider's event while the customer confirms, before the provider is
 * asked again: an event can get lost.
 */
const LOOK_AGAIN_MS = 60 * 1000;

/**
 * Charges the card. If the customer's bank requires an action first, the customer is told, and has
 * until the deadline.
 *
 * The money is only reserved when a cancellation has come meanwhile. Payments that an earlier
 * release put on record reserve the money in one call and take it in another.
 */
async function charge(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  started: StartedPayment | undefined,
  begun: Begun | undefined,
): Promise<Charged> {
  let charged: Charged | undefined = begun;
  for (;;) {
    charged ??= await chargeOnce(booking, attempt, started);
    const isToWait = !booking.isPastDeadline && booking.lateCancellation === undefined;
    if (charged.status !== 'requires_action' || !isToWait) return charged;
    booking.requireAction(attempt, charged.nextAction);
    await booking.nextProviderEvent(LOOK_AGAIN_MS);
    charged = undefined;
  }
}

function chargeOnce(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  started: StartedPayment | undefined,
): Promise<Charged> {
  // A cancellation that came while the customer was with their bank: nothing is to be taken.
  const isToBeTaken = started !== undefined && booking.lateCancellation === undefined;
  return attempt.callProvider(
    {
      limitMs: timeUntilSalesClose(booking),
      summary: isToBeTaken
        ? "Charge the customer's card"
        : "Authorize the price on the customer's card",
    },
    (provider): Promise<Charged> => {
      booking.hasProviderEvent = false;
      return isToBeTaken
        ? provider.chargeCard(attempt.payment, started)
        : provider.authorizePayment(attempt.payment);
    },
  );
}

async function decline(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  code: string,
): Promise<void> {
  const recorded = database.recordDecline(attempt.payment, code);
  noteDecline(booking, attempt, await booking.locally(recorded));
}

function noteDecline(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  result: DeclinedPayment,
): void {
  // The customer can try again until the deadline. Operators must see why nobody can pay.
  if (result.declineCode === PROVIDER_REJECTED)
    log.error('The payment provider rejects the charge', { paymentId: attempt.payment.paymentId });
  booking.declinePayment(attempt, result);
}

/** Undoes the authorization, unless its money has paid for the seats meanwhile. */
async function giveUp(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  detail: string,
): Promise<Reversal> {
  const { payment } = attempt;
  const reversal = await attempt.callProvider(
    { limitMs: REVERSAL_TIMEOUT_MS, summary: 'Void the authorization' },
    (provider) => provider.reversePayment(payment, 'given_up'),
  );
  if (reversal === 'sold') return reversal;
  if (reversal === 'owed_back') await startRefund(payment.paymentId);
  booking.refusePayment(attempt, notPayable(detail));
  return reversal;
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
