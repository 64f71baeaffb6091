import { ApplicationFailure } from '@temporalio/common';
import { applyScheduleChange } from '../../db/schedule-changes/apply';
import { listUntold } from '../../db/schedule-changes/progress-view';
import { recordUntold } from '../../db/schedule-changes/untold';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import type { ScheduleChangeOrder } from '../../temporal/contracts/schedule-change';
import { beating } from '../beating';
import { Items } from '../items';
import { refusalsAreFinal } from '../refusals';
import { tellingBookings, type TellingDependencies } from './tell';
import { TELLING_LIMITS, Turns } from './turns';

/** Bookings of one page: seconds of work, of which a retry repeats little. */
const PAGE = 50;

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

  const turns = new Turns(TELLING_LIMITS);

  async function tellPage(scheduleChangeId: string, after: string | null): Promise<ToldPage> {
    const page = await listUntold(db, scheduleChangeId, { after, limit: PAGE });
    const items = new Items();
    await Promise.all(
      page.map(async (bookingId) => {
        await turns.nextBooking();
        await items.deal(bookingId, () => tell(scheduleChangeId, bookingId));
      }),
    );
    for (const { item } of items.failed) await recordUntold(db, scheduleChangeId, item);
    const failed = items.failed.length;
    return { told: page.length - failed, failed, last: page.at(-1) ?? null };
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
      await beating(() => refusalsAreFinal(() => applyScheduleChange(db, change, new Date(now))));
    },

    /**
     * Tells the next page of bookings, in the order of their IDs. One that can't be told is noted.
     * If PostgreSQL or Temporal is unavailable it fails, to be tried again.
     *
     * @throws ApplicationFailure `others_are_told`, to be tried again, while this worker tells the
     * bookings of other flights. It is no fault: it is neither logged nor counted as one.
     */
    async tellBookings(scheduleChangeId: string, after: string | null): Promise<ToldPage> {
      const told = await beating(() => turns.takePage(() => tellPage(scheduleChangeId, after)));
      if (told !== undefined) return told;
      throw ApplicationFailure.create({
        message: 'Bookings of other flights are told first.',
        type: 'others_are_told',
        category: 'BENIGN',
        nextRetryDelay: turns.asksAgainInMs(),
      });
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
