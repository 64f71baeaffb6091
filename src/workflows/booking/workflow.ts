import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  workflowInfo,
} from '@temporalio/workflow';
import { isUnderWay } from '../../domain/payment';
import {
  bookingWorkflowId,
  type BookingOutcome,
  type BookingRequest,
  type ReservationResult,
} from '../../temporal/contracts';
import { requireOwnId } from '../messages/identity';
import { requireBooking } from '../messages/shapes';
import { database, reserveSeats, startRefund } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { chargeCard } from './card-payment';
import type { ExternalAttempt } from './external-payments/queue';
import { receiveMessages } from './messages';
import { BookingStateMachine, type Cancel } from './state-machine';

/**
 * Sells one booking: holds its seats, waits for one decision (a payment, a cancellation, or the
 * deadline), and carries it out. However it ends, the seats are either sold and paid for, or back
 * on sale.
 *
 * @throws ApplicationFailure `too_many_holds` when the customer is at a limit: nothing was written.
 */
export async function bookingWorkflow(request: BookingRequest): Promise<BookingOutcome> {
  requireBooking(request);
  requireOwnId(bookingWorkflowId(request.bookingId.toLowerCase()));
  const booking = new BookingStateMachine(request);
  receiveMessages(booking);
  // Temporal's own Cancel comes as a message: it interrupts nothing below.
  return CancellationScope.nonCancellable(async () => {
    booking.announce(await reserve(request));
    while (booking.isOpen) {
      const decision = await booking.nextDecision();
      switch (decision.kind) {
        case 'pay':
          await chargeCard(booking, decision.attempt);
          break;
        case 'external_payment':
          await acceptExternalPayment(booking, decision.attempt);
          break;
        case 'cancel':
          await cancel(booking, decision);
          break;
        default:
          throw new Error(`Bug: ${String(decision satisfies never)} is no decision`);
      }
    }
    // Until this point a customer who was told of a payment may still cancel.
    await condition(allHandlersFinished);
    const { status, lateCancellation } = booking;
    if (status === 'booked' && lateCancellation !== undefined)
      await cancelJustBooked(booking, lateCancellation);
    const outcome = await booking.close();
    const { passingRefusal } = booking;
    // Temporal lets another run start only after one that failed. What decides is in the history.
    if (passingRefusal !== undefined)
      throw ApplicationFailure.nonRetryable(passingRefusal.detail, passingRefusal.code);
    return outcome;
  });
}

/**
 * Claims the seats. If that can't be done at all, releases whatever a lost try may have claimed.
 */
async function reserve(request: BookingRequest): Promise<ReservationResult> {
  const requestedAt = workflowInfo().startTime.toISOString();
  try {
    return await reserveSeats(request, { requestedAt, heldAt: new Date().toISOString() });
  } catch (failure) {
    if (refusalOf(failure) !== undefined) throw failure;
    const cancellation = { reason: 'reservation_failed', actor: 'system', requestedAt } as const;
    await database.releaseSeats(request, cancellation);
    return { outcome: 'failed', fingerprint: request.fingerprint };
  }
}

async function acceptExternalPayment(
  booking: BookingStateMachine,
  attempt: ExternalAttempt,
): Promise<void> {
  const pays = await booking.locally(database.confirmExternallyPaidBooking(attempt.payment));
  if (pays) booking.bookExternally(attempt);
  else booking.turnDown(attempt);
}

/**
 * Puts the seats back on sale. A charge left on record as under way by a worker that died is looked
 * up and undone.
 */
async function cancel(
  booking: BookingStateMachine,
  { kind: _, ...decision }: Cancel,
): Promise<void> {
  const requestedAt = workflowInfo().startTime.toISOString();
  const released = await booking.locally(
    database.releaseSeats(booking.request, { ...decision, requestedAt }),
  );
  const { payment } = released;
  if (payment !== null && isUnderWay(payment.status)) await startRefund(payment.id);
  booking.cancel(released);
}

/**
 * Cancels a booking that was paid for at the moment of its cancellation. Its seats go back on sale,
 * and all of the money is refunded, unless its flight has left.
 */
async function cancelJustBooked(
  booking: BookingStateMachine,
  { actor, said, note }: Cancel,
): Promise<void> {
  const { bookingId } = booking.request;
  const cancellation = {
    bookingId,
    requestedBy: actor,
    asOperator: true,
    ...(said === undefined ? {} : { reason: said }),
    ...(note === undefined ? {} : { note }),
  };
  try {
    const now = new Date().toISOString();
    const { booking: cancelled, refundOf } = await booking.locally(
      database.cancelSale(cancellation, now),
    );
    if (refundOf !== null) await startRefund(refundOf);
    booking.cancel(cancelled);
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    booking.timeline.note(`The booking can no longer be cancelled. ${refusal.message}`);
  }
}
