import { findOverdueHolds, releaseOverdueHold } from '../db/overdue-holds';
import type { Db } from '../db/connection';
import type { WorkflowLookup } from '../temporal/booking-workflows';
import type { Violation } from '../temporal/contracts';
import { audit } from './audit';

/** The steps of reconciliation: they look at everything, and touch only what no workflow looks after any more. */
export function reconciliationActivities({ db, workflows }: { db: Db; workflows: WorkflowLookup }) {
  return {
    /** Bookings whose deadline is long past and whose seats are held nevertheless. */
    async findOverdueHolds(): Promise<string[]> {
      return findOverdueHolds(db);
    },

    /**
     * Puts the seats of such a booking back on sale, if no workflow is there to do it: it looks before, makes one guarded update, and looks
     * again. Answers whether the seats are free. Safe to repeat.
     */
    async releaseOverdueHold(bookingId: string): Promise<boolean> {
      if ((await workflows.one(bookingId))?.state === 'running') return false;
      const isReleased = await releaseOverdueHold(db, bookingId);
      const after = await workflows.one(bookingId);
      if (isReleased && after?.state === 'running') {
        throw new Error(
          `Bug: the workflow of booking ${bookingId} began while its hold was released`,
        );
      }
      return isReleased;
    },

    /** Checks every invariant. */
    async auditEverything(): Promise<Violation[]> {
      return audit(db, workflows);
    },
  };
}

export type ReconciliationActivities = ReturnType<typeof reconciliationActivities>;
