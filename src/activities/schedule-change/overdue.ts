import { pageOverdueOffers, pageUntold } from '../../db/schedule-changes/overdue';
import { Items, type ItemFailure } from '../items';
import { tellingBookings, type TellingDependencies } from './tell';

/** The bookings that were told of a schedule change again; `failed` could not be. */
interface ToldAgain {
  told: string[];
  failed: ItemFailure[];
}

/** The activity that tells bookings of schedule changes again, whose notice was lost. */
export function overdueNoticeActivities(deps: TellingDependencies) {
  const { db } = deps;
  const tell = tellingBookings(deps);
  return {
    /**
     * Tells bookings of a schedule change again that were not told of it, or whose offer is past
     * the time to respond: their notice or their workflow was lost. Returns them. Safe to repeat: a
     * booking reads what has changed, however often it is told.
     */
    async tellOverdueBookings(): Promise<ToldAgain> {
      const items = new Items();
      const told = new Set<string>();
      for (const pages of [pageUntold(db), pageOverdueOffers(db)])
        for await (const page of pages) {
          if (!items.hasTimeFor('schedule changes')) break;
          for (const { bookingId, scheduleChangeId } of page)
            await items.deal(bookingId, async () => {
              if (told.has(bookingId)) return;
              await tell(scheduleChangeId, bookingId);
              told.add(bookingId);
            });
        }
      return { told: [...told], failed: items.failed };
    },
  };
}
