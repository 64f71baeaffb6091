import { log, upsertSearchAttributes } from '@temporalio/workflow';
import type { RefundStatus } from '../domain/booking';
import { RefundStatusAttribute } from '../temporal/search-attributes';
import type { BookingDesk, Cancel } from './booking-desk';
import { askProvider, database } from './steps';

/** An hour: a provider that is away for longer is for people to talk to. */
export const PATIENCE_FOR_UNDOING_MS = 60 * 60 * 1000;

/** Cancels a booking that was paid for in the very moment in which it was to be cancelled: its seats go back on sale, and all of the money back. */
export async function undoSale(desk: BookingDesk, { reason, actor }: Cancel): Promise<void> {
  const { bookingId } = desk.request;
  const { booking, refund } = await database.cancelSale(bookingId, { reason, actor });
  desk.cancel(booking);
  showRefund(refund.status);
  // What another service has captured, only people can send back.
  if (refund.providerPaymentId === null) return;
  try {
    const provider = askProvider(PATIENCE_FOR_UNDOING_MS);
    await provider.refundPayment(refund.refundId, refund.providerPaymentId, refund.money);
    showRefund('succeeded');
  } catch (failure) {
    log.error('The payment provider gave no answer to a refund', { failure: String(failure) });
    await database.leaveRefundToOperator(refund.refundId);
    showRefund('needs_operator');
  }
}

function showRefund(status: RefundStatus): void {
  upsertSearchAttributes([{ key: RefundStatusAttribute, value: status }]);
}
