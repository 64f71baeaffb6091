import { cancelBookedBooking, paymentsOwedOf } from '../../db/bookings/cancel-booked';
import { SYSTEM } from '../../domain/booking-event';
import { namesOf } from '../../payments/providers';
import type { ActivityDependencies } from '../dependencies';
import { refusalsAreFinal } from '../refusals';
import { saleRefundActivities, type SaleRefund } from '../sale-refund';
import { offerActivities, type ClosedScheduleChange } from './offers';

/** What followed when nobody had responded in time, and what became of the money. */
export type ConcludedScheduleChange =
  | Exclude<ClosedScheduleChange, { kind: 'cancelled' }>
  | (Extract<ClosedScheduleChange, { kind: 'cancelled' }> & { refund: SaleRefund });

/** The activity that ends an offer that nobody has responded to. */
export function conclusionActivities(deps: ActivityDependencies) {
  const offers = offerActivities(deps);
  const refunds = saleRefundActivities(deps);

  async function close(bookingId: string, now: string): Promise<ClosedScheduleChange> {
    const closed = await offers.closeScheduleChange(bookingId, now);
    if (closed.kind !== 'settled' || closed.booking.status !== 'cancelled') return closed;
    // Cancelled by an attempt that was cut off before it refunded, or by an earlier API.
    const again = {
      asOperator: false,
      actor: SYSTEM.id,
      requestedAt: new Date(now),
      ourProviders: namesOf(deps.providers),
    };
    const sale = await refusalsAreFinal(() => cancelBookedBooking(deps.db, bookingId, again));
    return { kind: 'cancelled', sale };
  }

  return {
    /**
     * Carries out what follows when nobody has responded to a schedule change in time, as
     * `closeScheduleChange` does, and refunds what a cancellation owes, as `refundSale` does.
     *
     * Safe to retry: each part finds what was done before.
     */
    async concludeScheduleChange(bookingId: string, now: string): Promise<ConcludedScheduleChange> {
      const closed = await close(bookingId, now);
      if (closed.kind !== 'cancelled') return closed;
      return {
        ...closed,
        refund: await refunds.refundSale(bookingId, paymentsOwedOf(closed.sale)),
      };
    },
  };
}
