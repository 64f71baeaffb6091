import { findBookingStatus } from '../db/bookings/booking-view';
import { isChanging } from '../db/changes/change-view';
import { isPaymentOnRecord } from '../db/payments/payment-view';
import { findRefundSubject } from '../db/payments/record-view';
import { isProviderEventKnown, recordProviderEvent } from '../db/provider-money/provider-events';
import { recordDispute, recordProviderRefund } from '../db/provider-money/provider-money';
import type { RefundOwedAgain } from '../db/provider-money/provider-refunds';
import type { ProviderEvent } from '../temporal/contracts/provider-event';
import type { ActivityDependencies } from './dependencies';

/** The activities that handle our payment provider's events. */
export function providerEventActivities({ db, paymentWorkflows }: ActivityDependencies) {
  /** Starts the workflow of a refund of ours that failed after all: the money is owed again. */
  async function takeUp({ paymentId, refundId }: RefundOwedAgain): Promise<void> {
    await paymentWorkflows.startRefund(paymentId, {
      ...(refundId === undefined ? {} : { refundId }),
      subject: await findRefundSubject(db, paymentId, refundId),
    });
  }

  /** Whether no payment of it can be under way: its open workflow is not to be woken. */
  async function isDecided(bookingId: string): Promise<boolean> {
    const status = await findBookingStatus(db, bookingId);
    if (status === 'booked') return !(await isChanging(db, bookingId));
    return status === 'cancelled';
  }

  return {
    /** Whether the same event has been handled before. */
    async isProviderEventKnown(event: ProviderEvent): Promise<boolean> {
      return isProviderEventKnown(db, event);
    },

    /**
     * Records what the provider did without us, and tells the booking that the event concerns. Safe
     * to repeat: captured money has one effect, and a hint to ask the provider has none by itself.
     */
    async deliverProviderEvent(event: ProviderEvent): Promise<void> {
      const { bookingId, captured, dispute, refund } = event;
      if (dispute !== undefined) await recordDispute(db, dispute);
      if (refund !== undefined)
        for (const owed of await recordProviderRefund(db, refund)) await takeUp(owed);
      if (captured === null) {
        if (bookingId !== null && !(await isDecided(bookingId)))
          await paymentWorkflows.hint(bookingId);
        return;
      }
      if (await isPaymentOnRecord(db, captured)) return;
      await paymentWorkflows.deliver(captured, () => findBookingStatus(db, captured.bookingId));
    },

    /** Records that the event has been handled. Safe to repeat. */
    async noteProviderEvent(event: ProviderEvent): Promise<void> {
      await recordProviderEvent(db, event);
    },
  };
}
