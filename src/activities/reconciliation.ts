import { findOverdueHolds, releaseOverdueHold } from '../db/overdue-holds';
import { findRefundSubject } from '../db/money-view';
import {
  findUnfinishedCharges,
  findUnfinishedRefunds,
  type UnfinishedPayment,
} from '../db/unfinished-payments';
import { areEventsLeft } from '../db/waiting-payment-events';
import type { WorkflowLookup } from '../temporal/booking-workflows';
import type { Violation } from '../temporal/contracts';
import { audit } from './audit';
import type { ActivityDependencies } from './dependencies';
import { compareWithProvider, type ProviderComparison } from './provider-comparison';

export interface ReconciliationDependencies extends Pick<
  ActivityDependencies,
  'db' | 'payments' | 'messenger'
> {
  workflows: WorkflowLookup;
}

/** Two days: each run looks at what the last hundred have looked at, too, so that news may come very late. */
const COMPARED_MS = 2 * 24 * 60 * 60 * 1000;

/** The steps of reconciliation: they look at everything, and touch only what no workflow looks after any more. */
export function reconciliationActivities(deps: ReconciliationDependencies) {
  const { db, workflows, messenger } = deps;

  async function isLookedAfter({ bookingId }: UnfinishedPayment): Promise<boolean> {
    return bookingId !== null && (await workflows.one(bookingId))?.state === 'running';
  }

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

    /**
     * Hands charges that no booking looks after, and refunds that have been open for long, to the workflows that give money back. One whose workflow
     * is at it already goes on undisturbed. Answers their payments. Safe to repeat.
     *
     * Accepted reports of payments that nobody sees to are taken up, too.
     */
    async resumeRefunds(): Promise<string[]> {
      if (await areEventsLeft(db)) await messenger.announcePaymentEvents();
      const resumed = await findUnfinishedRefunds(db);
      for (const charge of await findUnfinishedCharges(db))
        if (!(await isLookedAfter(charge))) resumed.push(charge.paymentId);
      const payments = [...new Set(resumed)];
      for (const paymentId of payments)
        await messenger.startRefund(paymentId, { subject: await findRefundSubject(db, paymentId) });
      return payments;
    },

    /** Compares what our provider says it took in the last two days with our books. */
    async compareWithProvider(): Promise<ProviderComparison> {
      return compareWithProvider(deps, new Date(Date.now() - COMPARED_MS));
    },

    /** Checks every invariant. */
    async auditEverything(): Promise<Violation[]> {
      return audit(db, workflows);
    },
  };
}

export type ReconciliationActivities = ReturnType<typeof reconciliationActivities>;
