import type { Booking, CancellationReason } from '../domain/booking';
import type { Money } from '../domain/money';
import {
  cancelSoldBooking,
  noteRefunded,
  noteRefundNeedsOperator,
  type Refund,
} from '../db/refunds';
import type { ActivityDependencies } from './dependencies';

/** The steps of undoing a sale that stay within PostgreSQL. */
export function refundRecordActivities({ db, payments }: ActivityDependencies) {
  return {
    /** Cancels a booking that is paid for, frees its seats, and commits the intent to refund all of it. */
    async cancelSale(
      bookingId: string,
      decision: { reason: CancellationReason; actor: string },
    ): Promise<{ booking: Booking; refund: Refund }> {
      return cancelSoldBooking(db, bookingId, { ...decision, provider: payments.provider });
    },

    /** Leaves a refund for people to settle. */
    async leaveRefundToOperator(refundId: string): Promise<void> {
      await noteRefundNeedsOperator(db, refundId);
    },
  };
}

/** The step of undoing a sale that asks the provider. */
export function refundProviderActivities({ db, payments }: ActivityDependencies) {
  return {
    /** Sends captured money back; the refund's own ID makes a repeated call find the first. */
    async refundPayment(refundId: string, providerPaymentId: string, money: Money): Promise<void> {
      await noteRefunded(db, refundId, await payments.refund(refundId, providerPaymentId, money));
    },
  };
}
