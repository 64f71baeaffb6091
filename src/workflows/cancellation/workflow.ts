import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  patched,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RefusalCode } from '../../domain/refusal';
import { bookingWorkflowId } from '../../temporal/contracts/booking';
import {
  awaitCancellation,
  cancellationWorkflowId,
  type CancellationResult,
  type SaleCancellation,
} from '../../temporal/contracts/cancellation';
import { refundWorkflowId } from '../../temporal/contracts/refund';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
} from '../../temporal/contracts/search-attributes';
import { requireOwnId } from '../messages/identity';
import { passOverUnknownSignals } from '../messages/passed-over';
import { receiveUpdate } from '../messages/receive';
import { requireSaleCancellation } from '../messages/shapes';
import { database, startRefund } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { Timeline } from '../shared/timeline';

/**
 * Cancels a booking that is paid for. Its seats go back on sale at once. What its fare leaves is
 * refunded by a workflow of its own, because an operator may have to finish it.
 *
 * Only APIs of earlier releases start it. The others ask the booking's own workflow.
 */
export async function cancellationWorkflow(request: SaleCancellation): Promise<CancellationResult> {
  requireSaleCancellation(request);
  requireOwnId(cancellationWorkflowId(request.bookingId.toLowerCase()));
  const timeline = new Timeline();
  let result: CancellationResult | undefined;
  const wait = async () => {
    await condition(() => result !== undefined);
    return result as CancellationResult;
  };
  receiveUpdate(awaitCancellation, {
    takes: 0,
    description:
      'Not for people: sent by our API. Waits until the seats are back on sale and the refund is on record, and returns the booking. Takes nothing.',
    handle: () => CancellationScope.nonCancellable(wait),
  });
  passOverUnknownSignals(timeline);
  // What is decided and half done can't be cancelled.
  return CancellationScope.nonCancellable(async () => {
    const { refundOf, moreRefundsOf, ...outcome } = await undoSale(request, timeline);
    result = outcome;
    if (refundOf !== null) {
      await startRefund(refundOf);
      timeline.note(
        `The money is being returned: see the workflow \`${refundWorkflowId(refundOf)}\`.`,
      );
    }
    // Of a booking that was changed; only its own workflow asked for these before.
    if (moreRefundsOf !== undefined && patched('more-refunds'))
      for (const paymentId of moreRefundsOf) await startRefund(paymentId);
    if (result.outcome === 'cancelled' && patched('booking-stays-open'))
      await tellBooking(request.bookingId);
    await condition(allHandlersFinished);
    // What is refused now may be possible later. Temporal lets another run start only after one
    // that failed.
    if (result.outcome === 'refused')
      throw ApplicationFailure.nonRetryable(result.detail, result.code);
    return result;
  });
}

/**
 * Has the booking's own workflow, if it is open, find the booking cancelled: whichever of the two
 * comes first, the database cancels once.
 */
async function tellBooking(bookingId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(bookingWorkflowId(bookingId)).cancel();
  } catch (failure) {
    log.info('No workflow of the booking is open', { failure: String(failure) });
  }
}

async function undoSale(
  request: SaleCancellation,
  timeline: Timeline,
): Promise<CancellationResult & { refundOf: string | null; moreRefundsOf?: string[] }> {
  try {
    const requestedAt = workflowInfo().startTime.toISOString();
    const { booking, ...refunds } = await database.cancelSale(request, requestedAt);
    timeline.note(
      `The booking is cancelled (${booking.cancellationReason ?? ''}), and its seats are back on sale.`,
    );
    upsertSearchAttributes([
      { key: BookingStatusAttribute, value: booking.status },
      { key: BookingReferenceAttribute, value: booking.reference },
    ]);
    return { outcome: 'cancelled', booking, ...refunds };
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    const code = refusal.type as RefusalCode;
    timeline.note(`The booking is not cancelled: ${refusal.message}`);
    const { runId } = workflowInfo();
    const { startedBy } = request;
    const run = { runId, ...(startedBy === undefined ? {} : { startedBy }) };
    return { outcome: 'refused', code, detail: refusal.message, run, refundOf: null };
  }
}
