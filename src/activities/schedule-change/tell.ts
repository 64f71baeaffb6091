import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import type { Db } from '../../db/connection';
import { makeOffer } from '../../db/schedule-changes/offers';
import type { BookingWorkflows } from '../../temporal/clients/bookings';

export interface TellingDependencies {
  db: Db;
  bookingWorkflows: Pick<BookingWorkflows, 'tellSold' | 'tellUnpaid'>;
}

/** Returns what tells a booking of a schedule change. */
export function tellingBookings({ db, bookingWorkflows }: TellingDependencies) {
  /**
   * Tells one booking, unless it is over. Whatever it does then, it does in its own workflow, which
   * is started again if none is running.
   *
   * Safe to repeat.
   *
   * @throws when it is not paid for, and has no workflow: reconciliation ends it.
   */
  return async function tell(scheduleChangeId: string, bookingId: string): Promise<void> {
    const booking = (await readBooking(db, bookingId))?.booking;
    if (booking === undefined) throw new Error(`Bug: booking ${bookingId} is not in the database`);
    switch (booking.status) {
      case 'cancelled':
        await makeOffer(db, bookingId, new Date());
        return;
      case 'booked': {
        const sale = await readSale(db, bookingId);
        if (sale === undefined) throw new Error(`Bug: booking ${bookingId} is booked, and unpaid`);
        await bookingWorkflows.tellSold({ booking, sale }, scheduleChangeId);
        return;
      }
      case 'initiated':
      case 'pending':
        if (await bookingWorkflows.tellUnpaid(bookingId, scheduleChangeId)) return;
        // Its workflow may have ended since it was read.
        if ((await readBooking(db, bookingId))?.booking.status !== booking.status)
          return tell(scheduleChangeId, bookingId);
        throw new Error('The booking is not paid for, and no workflow of it is running.');
      default:
        throw new Error(`Bug: ${String(booking.status satisfies never)} is no status`);
    }
  };
}
