import {
  ApplicationFailure,
  CancellationScope,
  patched,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { isUnderWay } from '../../domain/payment';
import {
  bookingWorkflowId,
  type BookingOutcome,
  type BookingRequest,
  type ReservationResult,
  type RestoredBooking,
} from '../../temporal/contracts/booking';
import { requireOwnId } from '../messages/identity';
import { isRestored, requireBooking } from '../messages/shapes';
import {
  database,
  recordedDatabase,
  reserveSeats,
  restoreBooking,
  startRefund,
} from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { endWithSale, lookAfterSale } from './after-sale';
import { amend } from './amend';
import { chargeCard } from './card-payment';
import type { ExternalAttempt } from './external-payments/queue';
import { receiveMessages } from './messages';
import { endIfUnpaid } from './schedule-change';
import { BookingStateMachine, isRequestedCancel, type Cancel } from './state-machine';

/**
 * One booking, from its request to the departure of its last flight.
 *
 * Holds its seats, waits for one decision (a payment, a cancellation, or the deadline), and carries
 * it out. Sold, it waits for changes until its last flight has left. However it ends, the seats are
 * either sold and paid for, or back on sale.
 *
 * Takes up a sold booking again (`restored`) whose run was terminated or lost, or ended with the
 * sale, as runs of earlier releases did.
 *
 * @throws ApplicationFailure `too_many_holds` when the customer is at a limit: nothing was written;
 * `booking_not_found` when there is no sale to restore.
 */
export async function bookingWorkflow(
  request: BookingRequest | RestoredBooking,
): Promise<BookingOutcome> {
  requireBooking(request);
  requireOwnId(bookingWorkflowId(request.bookingId.toLowerCase()));
  const booking = new BookingStateMachine(request);
  receiveMessages(booking);
  // Temporal's own Cancel comes as a message: it interrupts nothing below.
  return CancellationScope.nonCancellable(async () => {
    booking.announce(await reserve(request));
    while (booking.isOpen) {
      const decision = await booking.nextDecision();
      if (decision === 'schedule_changed') {
        await endIfUnpaid(booking);
        continue;
      }
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
        case 'amend':
          await amend(booking, decision.amendment);
          break;
        case 'change':
          throw new Error('Bug: a booking that is not sold is changed');
        default:
          throw new Error(`Bug: ${String(decision satisfies never)} is no decision`);
      }
    }
    if (booking.status === 'booked' || isRestored(request))
      await (booking.staysOpen ? lookAfterSale(booking) : endWithSale(booking));
    const outcome = await booking.close();
    const { passingRefusal } = booking;
    // Temporal lets another run start only after one that failed. What decides is in the history.
    if (passingRefusal !== undefined)
      throw ApplicationFailure.nonRetryable(passingRefusal.detail, passingRefusal.code);
    return outcome;
  });
}

/**
 * Claims the seats. If that can't be done at all, releases whatever a lost try may have claimed. A
 * sold booking has its seats.
 */
async function reserve(request: BookingRequest | RestoredBooking): Promise<ReservationResult> {
  if (isRestored(request)) return restoreBooking(request);
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

/** The mark of a booking that answers a cancellation before it ends. */
const ANSWERS_BEFORE_ITS_END = 'answers-before-its-end';

/** The mark of a booking whose cancellation is on record before its seats are released. */
const IS_ON_RECORD_BEFORE_RELEASE = 'releases-are-on-record-first';

/**
 * Puts the seats back on sale. A charge left on record as under way by a worker that died is looked
 * up and undone.
 *
 * A cancellation before the deadline is on record first. Otherwise a worker that dies, or stands still,
 * could have cancelled the booking for a message that is not, or that comes second in the next try: the
 * workflow would take up a payment instead, which could never sell the seats, and whoever asked would be
 * told that nothing was cancelled. After the deadline nothing else is taken up.
 *
 * Who asked for it is answered before the workflow ends. Temporal refuses a workflow task that ends
 * the workflow while a signal waits, and with it drops the updates that the task has answered: the
 * database would have a cancellation that the workflow has never heard of. So the task that answers
 * is not the last one.
 */
async function cancel(booking: BookingStateMachine, asked: Cancel): Promise<void> {
  const { kind: _, ...decision } = asked;
  const requestedAt = workflowInfo().startTime.toISOString();
  const cancellation = { ...decision, requestedAt };
  const isEarly = asked.reason !== 'payment_expired';
  const released = await (isEarly && patched(IS_ON_RECORD_BEFORE_RELEASE)
    ? recordedDatabase.releaseSeats(booking.reservationRequest, cancellation)
    : booking.locally(database.releaseSeats(booking.reservationRequest, cancellation)));
  const { payment } = released;
  if (payment !== null && isUnderWay(payment.status)) await startRefund(payment.id);
  booking.cancel(released);
  if (isRequestedCancel(asked) && patched(ANSWERS_BEFORE_ITS_END)) await sleep(1);
}
