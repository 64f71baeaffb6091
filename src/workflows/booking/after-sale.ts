import { allHandlersFinished, condition, continueAsNew, patched } from '@temporalio/workflow';
import type { BookingWorkflow } from '../../temporal/contracts/booking';
import { awaitRefunds, database, recordedDatabase, startRefund } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { amend } from './amend';
import { changeFlights, settleUnfinishedChange } from './change';
import { refundCancelled } from './refund-sale';
import { accept, closeOffer, offerScheduleChange } from './schedule-change';
import type { AfterSale, BookingStateMachine, Cancel } from './state-machine';

/**
 * Looks after a booking that is sold, until its last flight has left, or it is cancelled and no
 * refund of it is open. Changes are carried out one at a time, in the order in which they came.
 */
export async function lookAfterSale(booking: BookingStateMachine): Promise<void> {
  for (const { paymentId, refundId } of booking.openRefunds)
    await startRefund(paymentId, ...(refundId === undefined ? [] : [refundId]));
  await settleUnfinishedChange(booking);
  while (booking.status === 'booked') {
    const next = await booking.nextAfterSale();
    switch (next) {
      case 'departed':
        booking.depart();
        return;
      case 'begins_anew':
        await beginAnew(booking);
        break;
      case 'schedule_changed':
        await offerScheduleChange(booking);
        break;
      case 'respond_by':
        await closeOffer(booking);
        break;
      default:
        await carryOut(booking, next);
    }
  }
  if (booking.hasOpenRefunds) await awaitRefunds(booking.request.bookingId);
  booking.timeline.note('No refund of the booking is open.');
}

async function carryOut(
  booking: BookingStateMachine,
  next: Exclude<AfterSale, string>,
): Promise<void> {
  switch (next.kind) {
    case 'cancel':
      return cancelSale(booking, next);
    case 'change':
      return changeFlights(booking, next.attempt);
    case 'amend':
      return amend(booking, next.amendment);
    case 'accept':
      return accept(booking, next);
    default:
      throw new Error(`Bug: ${String(next satisfies never)} is no decision`);
  }
}

/** A run that was restored looks like this one: nothing is lost with its history. */
async function beginAnew({ request }: BookingStateMachine): Promise<never> {
  const { bookingId, customerId } = request;
  return continueAsNew<BookingWorkflow>({ bookingId, customerId, restored: true });
}

/**
 * Cancels a booking that is paid for, unless a rule forbids it: then it stays booked. Its seats go
 * back on sale at once, and the money is refunded afterwards.
 */
async function cancelSale(booking: BookingStateMachine, cancel: Cancel): Promise<void> {
  const sale = await undoSale(booking, cancel);
  if (sale === undefined) return;
  booking.cancel(sale.booking);
  await refundCancelled(booking, sale);
}

/**
 * Ends with the sale, as runs do that earlier releases began. Until then a customer who was told of
 * a payment may still have it cancelled, by Temporal's own Cancel: all of the money goes back.
 */
export async function endWithSale(booking: BookingStateMachine): Promise<void> {
  await condition(allHandlersFinished);
  const { lateCancellation } = booking;
  if (lateCancellation === undefined) return;
  const sale = await undoSale(booking, lateCancellation);
  if (sale === undefined) return;
  if (sale.refundOf !== null) await startRefund(sale.refundOf);
  booking.cancel(sale.booking);
}

/** The mark of bookings whose cancellation is on record before it is carried out. */
const IS_ON_RECORD_FIRST = 'cancellations-are-on-record-first';

/** Returns undefined when a rule forbids it, which the booking has been told by then. */
async function undoSale(booking: BookingStateMachine, cancel: Cancel) {
  const { reason, actor, said, note, expectedRefund } = cancel;
  const cancellation = {
    bookingId: booking.request.bookingId,
    requestedBy: actor,
    asOperator: reason === 'operator_request',
    ...(said === undefined ? {} : { reason: said }),
    ...(note === undefined ? {} : { note }),
    ...(expectedRefund === undefined ? {} : { expectedRefund }),
  };
  try {
    const now = new Date().toISOString();
    return await (patched(IS_ON_RECORD_FIRST)
      ? recordedDatabase.cancelSale(cancellation, now)
      : booking.locally(database.cancelSale(cancellation, now)));
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    booking.refuseCancellation(cancel, refusal);
    return undefined;
  }
}
