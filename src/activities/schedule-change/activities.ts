import { applyScheduleChange } from '../../db/schedule-changes/apply';
import { listUntold } from '../../db/schedule-changes/progress-view';
import { recordUntold } from '../../db/schedule-changes/untold';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import type { ScheduleChangeOrder } from '../../temporal/schedule-change-contracts';
import { Items } from '../items';
import { refusalsAreFinal } from '../refusals';
import { tellingBookings, type TellingDependencies } from './tell';

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
export function scheduleChangeActivities({ db, bookingWorkflows }: TellingDependencies) {
  const tell = tellingBookings({ db, bookingWorkflows });

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
