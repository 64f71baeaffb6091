import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import { applyScheduleChange } from '../../db/schedule-changes/apply';
import { makeOffer } from '../../db/schedule-changes/offers';
import { listUntold } from '../../db/schedule-changes/progress-view';
import { recordUntold } from '../../db/schedule-changes/untold';
import type { Db } from '../../db/connection';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { ScheduleChangeOrder } from '../../temporal/schedule-change-contracts';
import { Items } from '../items';
import { refusalsAreFinal } from '../refusals';

export interface ScheduleChangeDependencies {
  db: Db;
  bookingWorkflows: Pick<BookingWorkflows, 'tellSold' | 'tellUnpaid'>;
}

/** Bookings of one page: a few seconds of work. */
const PAGE = 100;

/** Few enough to leave the worker and Temporal to customers who book. */
const TOLD_AT_ONCE = 8;

/** What became of a page of bookings. */
export interface ToldPage {
  told: number;
  failed: number;
  /** The last booking of the page; null when there was none. */
  last: string | null;
}

export type ScheduleChangeActivities = ReturnType<typeof scheduleChangeActivities>;

/** The activities of a schedule change's own workflow. Each is safe to repeat. */
export function scheduleChangeActivities({ db, bookingWorkflows }: ScheduleChangeDependencies) {
  /**
   * Tells one booking, unless it is over. Whatever it does then, it does in its own workflow.
   *
   * @throws when it is not paid for, and has no workflow: reconciliation ends it.
   */
  async function tell(scheduleChangeId: string, bookingId: string): Promise<void> {
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
        throw new Error('The booking is not paid for, and no workflow of it is running.');
      default:
        throw new Error(`Bug: ${String(booking.status satisfies never)} is no status`);
    }
  }

  return {
    /**
     * Takes the flight off sale, or moves it, and lists the bookings that this affects.
     *
     * @throws ApplicationFailure with the refusal's code: nothing has changed.
     */
    async applyScheduleChange(order: ScheduleChangeOrder, now: string): Promise<void> {
      const { scheduleChangeId: id, flightId, reason, requestedBy, fingerprint } = order;
      const change = { id, flightId, change: changeOf(order), reason, requestedBy, fingerprint };
      await refusalsAreFinal(() => applyScheduleChange(db, change, new Date(now)));
    },

    /**
     * Tells the next page of bookings, in the order of their IDs. One that can't be told is noted.
     * If PostgreSQL or Temporal is unavailable it fails, to be tried again.
     */
    async tellBookings(scheduleChangeId: string, after: string | null): Promise<ToldPage> {
      const page = await listUntold(db, scheduleChangeId, { after, limit: PAGE });
      const items = new Items();
      for (let first = 0; first < page.length; first += TOLD_AT_ONCE) {
        const group = page.slice(first, first + TOLD_AT_ONCE);
        await Promise.all(
          group.map((bookingId) => items.deal(bookingId, () => tell(scheduleChangeId, bookingId))),
        );
      }
      for (const { item } of items.failed) await recordUntold(db, scheduleChangeId, item);
      const failed = items.failed.length;
      return { told: page.length - failed, failed, last: page.at(-1) ?? null };
    },
  };
}

function changeOf({ kind, departureAt, arrivalAt }: ScheduleChangeOrder): ScheduleChangeRequest {
  switch (kind) {
    case 'cancelled':
      return { kind };
    case 'moved':
      if (departureAt === undefined || arrivalAt === undefined)
        throw new Error('Bug: a flight is moved to no time');
      return { kind, departureAt: new Date(departureAt), arrivalAt: new Date(arrivalAt) };
    default:
      throw new Error(`Bug: ${String(kind satisfies never)} is no schedule change`);
  }
}
