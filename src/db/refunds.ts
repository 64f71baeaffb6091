import { v5 as uuidv5 } from 'uuid';
import type { Booking, CancellationReason, RefundStatus } from '../domain/booking';
import type { Money } from '../domain/money';
import { readKnownBooking } from './booking-view';
import type { Db } from './connection';
import { appendEvent } from './events';
import { postFullRefund } from './ledger';
import { releaseSeats } from './seats';

/** Captured money on its way back. */
export interface Refund {
  refundId: string;
  status: RefundStatus;
  money: Money;
  /** Null when another service has the money: only people can send it back. */
  providerPaymentId: string | null;
}

/** A payment has one refund at the most, and so its ID is the payment's, in another shape. */
export function refundIdOf(paymentId: string): string {
  return uuidv5('refund', paymentId);
}

/**
 * Cancels a booking that is paid for: frees its seats and commits the intent to refund all of it, in one transaction. What another service has
 * captured waits for an operator.
 *
 * Safe to retry: a booking that is cancelled already is answered as it is.
 */
export async function cancelSoldBooking(
  db: Db,
  bookingId: string,
  { reason, actor, provider }: { reason: CancellationReason; actor: string; provider: string },
): Promise<{ booking: Booking; refund: Refund }> {
  return db.transaction(async (trx) => {
    const payment = await trx('payments')
      .where({ booking_id: bookingId, applied: true })
      .forUpdate()
      .first();
    if (payment === undefined) throw new Error(`Bug: booking ${bookingId} was never paid for`);
    const refundId = refundIdOf(payment.id);
    const isOurs = payment.provider === provider;
    const changed = await trx('bookings')
      .where({ id: bookingId, status: 'booked' })
      .update({ status: 'cancelled', cancellation_reason: reason });
    if (changed === 1) {
      await releaseSeats(trx, bookingId, 'sold');
      await trx('refunds').insert({
        id: refundId,
        payment_id: payment.id,
        status: isOurs ? 'pending' : 'needs_operator',
        amount: payment.amount,
        currency: payment.currency,
        reason,
      });
      await appendEvent(trx, { bookingId, type: 'cancelled', actor, reason });
    }
    const refund = await trx('refunds').where({ id: refundId }).first();
    return {
      booking: await readKnownBooking(trx, bookingId),
      refund: {
        refundId,
        status: (refund?.status ?? 'needs_operator') as RefundStatus,
        money: { amount: payment.amount, currency: payment.currency },
        providerPaymentId: isOurs ? payment.provider_payment_id : null,
      },
    };
  });
}

/** Notes that the provider has sent the money back, and posts it. Safe to retry. */
export async function noteRefunded(
  db: Db,
  refundId: string,
  providerRefundId: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    const [refund] = await trx('refunds')
      .where({ id: refundId })
      .whereNot({ status: 'succeeded' })
      .update({ status: 'succeeded', provider_refund_id: providerRefundId })
      .returning('payment_id');
    if (refund === undefined) return;
    await postFullRefund(trx, refundId, refund.payment_id);
    const payment = await trx('payments').where({ id: refund.payment_id }).first('booking_id');
    if (payment === undefined) throw new Error(`Bug: refund ${refundId} has no payment`);
    await appendEvent(trx, {
      bookingId: payment.booking_id,
      type: 'refunded',
      actor: 'system',
    });
  });
}

/** Leaves a refund that the provider doesn't answer to for people to settle. Safe to retry. */
export async function noteRefundNeedsOperator(db: Db, refundId: string): Promise<void> {
  await db('refunds')
    .where({ id: refundId, status: 'pending' })
    .update({ status: 'needs_operator' });
}
