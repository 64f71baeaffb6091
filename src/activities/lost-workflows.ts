import { readBooking } from '../db/bookings/booking-view';
import { readSale } from '../db/bookings/cancellation-view';
import { listCancelledSales } from '../db/bookings/cancelled-sales-view';
import { readHold } from '../db/bookings/hold-view';
import { pageOpenSales } from '../db/bookings/open-sales-view';
import { pagePendingBookings } from '../db/bookings/standing-view';
import { pageLongChanges } from '../db/changes/unfinished-change';
import type { Db } from '../db/connection';
import { lastDepartureOf } from '../domain/itinerary';
import type { BookingWorkflows } from '../temporal/clients/bookings';
import type { WorkflowLookup } from '../temporal/clients/workflow-lookup';
import { Items, type ItemFailure } from './items';

export interface LostWorkflowDependencies {
  db: Db;
  workflows: WorkflowLookup;
  bookingWorkflows: Pick<
    BookingWorkflows,
    'restore' | 'beginAnew' | 'restoreHold' | 'requestCancellation'
  >;
}

/** Six runs look at each workflow that was ended. */
const LOOKED_BACK_MS = 3 * 60 * 60_000;

/** Two runs look at each cancellation. */
const CANCELLED_MS = 70 * 60_000;

/** So many starts take half a minute. The next run continues. */
const RESTORED_AT_ONCE = 1_000;

/** The activity that starts workflows of bookings again, which should be running. */
export function lostWorkflowActivities(deps: LostWorkflowDependencies) {
  const { db, workflows, bookingWorkflows } = deps;

  /**
   * Returns whether it started the workflow. Safe to repeat: a running one stays as it is.
   *
   * A change that is pending is undone, also where the last flight has left.
   */
  async function restore(bookingId: string): Promise<boolean> {
    const booking = (await readBooking(db, bookingId))?.booking;
    const sale = await readSale(db, bookingId);
    if (booking?.status !== 'booked' || sale === undefined) return false;
    if (lastDepartureOf(booking) <= new Date() && !sale.isChanging) return false;
    if ((await workflows.one(bookingId))?.state === 'running') return false;
    await bookingWorkflows.restore(booking, sale);
    return true;
  }

  /**
   * Has a change that has been pending for long undone, unless its workflow is making it: one that
   * is gone is started again, and one that has never heard of the change begins anew. Returns
   * whether it had to. Safe to repeat.
   */
  async function takeUpChange(bookingId: string): Promise<boolean> {
    if (await restore(bookingId)) return true;
    const isChanging = (await readSale(db, bookingId))?.isChanging === true;
    return isChanging && bookingWorkflows.beginAnew(bookingId);
  }

  /**
   * Returns whether it started the workflow of a hold that Temporal knows nothing of: Temporal was
   * lost, or restored to an earlier instant. The hold keeps its deadline. Safe to repeat.
   */
  async function restoreHold(bookingId: string): Promise<boolean> {
    if ((await workflows.one(bookingId)) !== undefined) return false;
    const hold = await readHold(db, bookingId);
    if (hold === undefined) return false;
    await bookingWorkflows.restoreHold(hold.booking, hold);
    return true;
  }

  /** All that hold seats, and are not running in Temporal's index. */
  async function* findMissingHolds(): AsyncGenerator<string> {
    const running = new Set<string>();
    for await (const { bookingId } of workflows.undecided()) running.add(bookingId);
    for await (const page of pagePendingBookings(db))
      yield* page.filter((bookingId) => !running.has(bookingId));
  }

  /** Bookings whose workflow was terminated, or failed: that costs nothing where there are none. */
  async function* findEnded(): AsyncGenerator<string> {
    const since = new Date(Date.now() - LOOKED_BACK_MS);
    for await (const { bookingId } of workflows.lost(since)) yield bookingId;
  }

  /** Bookings whose change has been pending for long: their workflow may not know of it. */
  async function* findUnfinished(): AsyncGenerator<string> {
    for await (const page of pageLongChanges(db)) yield* page;
  }

  /** All that are sold, and not running in Temporal's index. Reads both in pages. */
  async function* findMissing(): AsyncGenerator<string> {
    const running = new Set<string>();
    for await (const bookingId of workflows.sold()) running.add(bookingId);
    for await (const page of pageOpenSales(db))
      yield* page.filter((bookingId) => !running.has(bookingId));
  }

  /**
   * Has a sold booking's workflow find the booking cancelled. The worker that cancelled it died, and
   * then Temporal lost the message. Returns whether it had to.
   */
  async function tellOfCancellation(bookingId: string): Promise<boolean> {
    const standing = await workflows.one(bookingId);
    if (standing?.state !== 'running' || standing.bookingStatus !== 'booked') return false;
    await bookingWorkflows.requestCancellation(bookingId);
    return true;
  }

  return {
    /**
     * Starts the workflows of sold bookings again that were terminated or lost, has those begin anew
     * that do not know of a change which is pending, and tells those that have missed their
     * cancellation. By night, or by hand, it compares all that are sold or held.
     * Returns the bookings. Safe to repeat.
     */
    async restoreLostWorkflows(
      comparesAll: boolean,
    ): Promise<{ restored: string[]; failed: ItemFailure[] }> {
      const items = new Items();
      const restored: string[] = [];
      const takeUp = async (
        found: AsyncIterable<string>,
        { what, by }: { what: string; by: (bookingId: string) => Promise<boolean> },
      ) => {
        for await (const bookingId of found) {
          if (restored.length >= RESTORED_AT_ONCE || !items.hasTimeFor(what)) break;
          await items.deal(bookingId, async () => {
            if (await by(bookingId)) restored.push(bookingId);
          });
        }
      };
      const lost = comparesAll ? findMissing() : findEnded();
      await takeUp(lost, { what: 'lost workflows', by: restore });
      if (comparesAll) await takeUp(findMissingHolds(), { what: 'lost holds', by: restoreHold });
      const since = new Date(Date.now() - CANCELLED_MS);
      for (const bookingId of await listCancelledSales(db, since)) {
        if (!items.hasTimeFor('cancelled sales')) break;
        await items.deal(bookingId, async () => {
          if (await tellOfCancellation(bookingId)) restored.push(bookingId);
        });
      }
      // The last, since workflows are waited for whose code may fail.
      await takeUp(findUnfinished(), { what: 'unfinished changes', by: takeUpChange });
      return { restored, failed: items.failed };
    },
  };
}
