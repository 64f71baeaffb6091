import { ApplicationFailure, log, patched } from '@temporalio/workflow';
import type { ProviderActivities } from '../../activities';
import type { RefusalCode } from '../../domain/refusal';
import type { UnfinishedChange } from '../../temporal/contracts/booking';
import {
  changeDatabase,
  database,
  providerActivities,
  REVERSAL_TIMEOUT_MS,
  startRefund,
} from '../shared/activities';
import { isProviderFault, refusalOf } from '../shared/refusals';
import { Saga } from '../shared/saga';
import { CardAttempt } from './card-attempt';
import type { ChangeAttempt } from './change-attempt';
import type { BookingStateMachine } from './state-machine';

/**
 * Exchanges flights of a sold booking: holds the new seats beside the old ones, charges what is to
 * be paid, and sells the new seats in place of the old. Then what goes back is refunded, by
 * workflows of their own.
 *
 * However it ends, the booking is changed and paid for, or as before and nothing is taken: each step
 * that may have taken effect is undone, and its undo is registered before it.
 */
export async function changeFlights(
  booking: BookingStateMachine,
  attempt: ChangeAttempt,
): Promise<void> {
  booking.timeline.note('Flights of the booking are being exchanged.');
  const ended = await makeChange(booking, attempt);
  if (ended === undefined) return;
  booking.endChange(attempt, ended.result);
  for (const { paymentId, refundId } of ended.refunds) await startRefund(paymentId, refundId);
}

/** Returns undefined when the change was not made, which the attempt has been told by then. */
async function makeChange(
  booking: BookingStateMachine,
  attempt: ChangeAttempt,
): Promise<CompletedChange | undefined> {
  const { change } = attempt;
  const saga = new Saga();
  try {
    saga.onFailure(() =>
      booking.locally(changeDatabase.failChange(change, 'payment_not_completed')),
    );
    const standing = await booking.locally(
      changeDatabase.holdChange(change, new Date().toISOString()),
    );
    if (standing.status === 'failed') throw notChanged(NOT_COMPLETED);
    const isDue = standing.status === 'pending' && standing.toPay.amount > 0;
    const paid = isDue ? await pay(booking, attempt, standing, saga) : null;
    if (paid !== null && 'outcome' in paid) return { result: paid, refunds: [] };
    return await booking.locally(changeDatabase.completeChange(change, paid));
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined || isProviderFault(refusal))
      log.error('The payment provider did not complete a change', { failure: String(failure) });
    await saga.compensate();
    const isRule = refusal !== undefined && !isProviderFault(refusal);
    booking.refuseChange(attempt, isRule ? refusal : notChanged(NOT_COMPLETED));
    return undefined;
  }
}

type CompletedChange = Awaited<ReturnType<typeof changeDatabase.completeChange>>;
type Standing = Awaited<ReturnType<typeof changeDatabase.holdChange>>;
type Charged = Awaited<ReturnType<ProviderActivities['chargeCard']>>;

/** How long to wait for the provider's event while the customer confirms: an event can get lost. */
const LOOK_AGAIN_MS = 60 * 1000;

/** The provider is asked for at least this long, even if the change came at the last moment. */
const MIN_CHARGE_TIMEOUT_MS = 60 * 1000;

/**
 * Takes the money for a change. Returns the capture, or the decline, which has ended the change.
 *
 * @throws when the money can't be taken: the saga undoes whatever was.
 */
async function pay(
  booking: BookingStateMachine,
  attempt: ChangeAttempt,
  standing: Standing,
  saga: Saga,
) {
  const { change } = attempt;
  if (change.paymentMethod === undefined)
    throw notChanged('Something is to be paid for this change: send a payment method.');
  const { payment, started } = await booking.locally(
    changeDatabase.startChangePayment(change, standing),
  );
  saga.onFailure(() => undoCharge(booking, payment));
  const card = new CardAttempt(payment);
  attempt.card = card;
  const deadline = Date.parse(standing.paymentRequiredBy);
  const limitMs = () => Math.max(MIN_CHARGE_TIMEOUT_MS, deadline - Date.now());
  const { provider } = started;
  const captured = (providerPaymentId: string) => ({
    paymentId: payment.paymentId,
    provider,
    providerPaymentId,
  });
  for (;;) {
    const charged: Charged = await card.callProvider(
      { limitMs: limitMs(), summary: "Charge the customer's card for the change" },
      (gateway) => {
        booking.hasProviderEvent = false;
        return gateway.chargeCard(payment, started);
      },
    );
    switch (charged.status) {
      case 'captured':
        return captured(charged.providerPaymentId);
      case 'declined':
        return decline(booking, attempt, payment.paymentId, charged.declineCode);
      case 'authorized': {
        const { providerPaymentId } = charged;
        const capture = await card.callProvider(
          { limitMs: limitMs(), summary: 'Capture the authorized money' },
          (gateway) => gateway.capturePayment(providerPaymentId, payment.paymentId),
        );
        if (capture.status === 'captured') return captured(providerPaymentId);
        return decline(booking, attempt, payment.paymentId, capture.declineCode);
      }
      case 'requires_action':
        if (Date.now() >= deadline) throw notChanged('The payment was not confirmed in time.');
        attempt.requireAction(charged.nextAction);
        booking.timeline.note('The customer must confirm the payment with their bank.');
        await booking.nextEventOfChange(Math.min(LOOK_AGAIN_MS, deadline - Date.now()));
        break;
      default:
        return charged satisfies never;
    }
  }
}

async function decline(
  booking: BookingStateMachine,
  { change }: ChangeAttempt,
  paymentId: string,
  declineCode: string,
) {
  return booking.locally(changeDatabase.declineChange(change, { paymentId, declineCode }));
}

/**
 * Undoes a charge, whatever became of it. Where the provider does not say for long, a workflow of
 * its own goes on asking, and the change ends without it.
 */
async function undoCharge(booking: BookingStateMachine, payment: UnfinishedCharge): Promise<void> {
  try {
    const gateway = providerActivities(REVERSAL_TIMEOUT_MS, 'Undo the charge of the change');
    const reversal = await gateway.reversePayment(payment, 'change_failed');
    if (reversal === 'owed_back') await startRefund(payment.paymentId);
  } catch (failure) {
    log.error('The payment provider did not say what became of a charge', {
      failure: String(failure),
    });
    await booking.locally(database.leaveRefundToOperator(payment.paymentId, 'provider_silent'));
    await startRefund(payment.paymentId);
  }
}

type UnfinishedCharge = Pick<
  CardAttempt['payment'],
  'paymentId' | 'bookingId' | 'amount' | 'currency'
>;

/** The mark of a booking whose change is carried on by the request that it is restored for. */
const CARRIES_ON = 'carries-on-its-change';

/**
 * Ends a change that a run of this workflow left unfinished, because it was terminated or lost. The
 * request for it that this run was started for carries it on, as its next decision. Without one it
 * is undone: the booking is as before, and nothing is taken.
 */
export async function settleUnfinishedChange(booking: BookingStateMachine): Promise<void> {
  const { unfinishedChange } = booking;
  if (unfinishedChange === undefined) return;
  const isCarriedOn = patched(CARRIES_ON) && (await isAskedForAgain(booking, unfinishedChange));
  if (!isCarriedOn) await undoChange(booking, unfinishedChange);
  booking.endUnfinishedChange();
}

/** Whether the same request waits to be carried out, and there is still time for it. */
async function isAskedForAgain(
  booking: BookingStateMachine,
  { changeId, fingerprint, completableUntil }: UnfinishedChange,
): Promise<boolean> {
  // Requests that came before wait for the same promise: it is their turn first.
  await booking.reserved.promise;
  if (booking.business?.kind !== 'change' || completableUntil === undefined) return false;
  const { change } = booking.business.attempt;
  const isSame = change.changeId === changeId && change.fingerprint === fingerprint;
  return isSame && Date.now() < Date.parse(completableUntil);
}

async function undoChange(
  booking: BookingStateMachine,
  { charge, changeId, fingerprint }: UnfinishedChange,
): Promise<void> {
  if (charge !== undefined) await undoCharge(booking, charge);
  const change = { changeId, fingerprint };
  await booking.locally(changeDatabase.failChange(change, 'payment_not_completed'));
  booking.timeline.note('A change that was left unfinished is undone; the booking is as before.');
}

const NOT_COMPLETED = 'The change could not be completed; the booking is as before.';

function notChanged(detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(detail, 'booking_not_changeable' satisfies RefusalCode);
}
