import { refundSale, startRefund, type database } from '../shared/activities';
import type { BookingStateMachine } from './state-machine';

type CancelledSale = Awaited<ReturnType<(typeof database)['cancelSale']>>;

/**
 * Refunds each payment of a cancelled sale that something goes back of. One activity asks the
 * provider. Whatever it does not settle is carried on by a workflow of its own, because an operator
 * may have to finish it.
 */
export async function refundCancelled(
  booking: BookingStateMachine,
  { refundOf, moreRefundsOf = [], isRefundedAtOnce }: Omit<CancelledSale, 'booking'>,
): Promise<void> {
  const payments = refundOf === null ? [] : [refundOf, ...moreRefundsOf];
  if (isRefundedAtOnce === true)
    booking.noteRefunds(await refundSale(booking.request.bookingId, payments));
  // As of a cancellation that workers of an earlier release carried out.
  else for (const paymentId of payments) await startRefund(paymentId);
}
