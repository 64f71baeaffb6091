import { isProviderEventKnown, noteProviderEvent } from '../db/provider-events';
import { findBookingStatus } from '../db/booking-view';
import { isPaymentOnRecord } from '../db/payment-view';
import type { ProviderEvent } from '../temporal/refund-contracts';
import type { ActivityDependencies } from './dependencies';

/** The steps of acting on our payment provider's news. */
export function providerEventActivities({ db, messenger }: ActivityDependencies) {
  return {
    /** Whether the same news has been acted on before. */
    async isProviderEventKnown(event: ProviderEvent): Promise<boolean> {
      return isProviderEventKnown(db, event);
    },

    /** Tells whom it concerns. Safe to repeat: captured money has one effect, and a hint to ask the provider has none by itself. */
    async deliverProviderEvent({ bookingId, captured }: ProviderEvent): Promise<void> {
      if (captured === null) {
        if (bookingId !== null) await messenger.hint(bookingId);
        return;
      }
      if (await isPaymentOnRecord(db, captured)) return;
      await messenger.deliver(captured, () => findBookingStatus(db, captured.bookingId));
    },

    /** Notes that it has been acted on. Safe to repeat. */
    async noteProviderEvent(event: ProviderEvent): Promise<void> {
      await noteProviderEvent(db, event);
    },
  };
}
