import { pageOverdueHolds, releaseOverdueHold } from '../db/bookings/overdue-holds';
import { hasWaitingEvents } from '../db/external-payments/waiting-events';
import { findRefundSubject } from '../db/payments/record-view';
import {
  pageUnfinishedCharges,
  pageUnfinishedRefunds,
  type UnfinishedPayment,
} from '../db/payments/unfinished';
import type { ReconciliationFailure, Violation } from '../temporal/contracts/reconciliation';
import { audit, auditEverythingInParts, type AuditPart, type AuditPosition } from './audit';
import type { ActivityDependencies } from './dependencies';
import { Items, type ItemFailure } from './items';
import { lostWorkflowActivities, type LostWorkflowDependencies } from './lost-workflows';
import { compareWithProviders, type ProviderComparison } from './provider-comparison';
import { overdueNoticeActivities } from './schedule-change/overdue';
import type { TellingDependencies } from './schedule-change/tell';

export interface ReconciliationDependencies
  extends Pick<ActivityDependencies, 'providers' | 'paymentWorkflows'>, LostWorkflowDependencies {
  bookingWorkflows: LostWorkflowDependencies['bookingWorkflows'] &
    TellingDependencies['bookingWorkflows'];
}

const HOUR_MS = 60 * 60 * 1000;

/** Six runs compare each payment. By night, and by hand, two days are: reports may come late. */
const COMPARED_MS = 3 * HOUR_MS;
const COMPARED_AT_LENGTH_MS = 48 * HOUR_MS;

/** Half of what an activity of the audit may take: the page at its end needs some of the rest. */
const PART_MS = 60_000;

/**
 * The activities of reconciliation. They read everything, and change only what no workflow looks
 * after any more. What one of them fails on is in its result, beside the rest.
 */
export function reconciliationActivities(deps: ReconciliationDependencies) {
  const { db, workflows, paymentWorkflows } = deps;

  /**
   * Puts a booking's seats back on sale, if no workflow is running to do it. Checks that before and
   * after one guarded update. Returns whether it freed the seats. Safe to repeat.
   */
  async function freeHold(bookingId: string): Promise<boolean> {
    if ((await workflows.one(bookingId))?.state === 'running') return false;
    const isReleased = await releaseOverdueHold(db, bookingId);
    const after = await workflows.one(bookingId);
    if (isReleased && after?.state === 'running')
      throw new Error(
        `Bug: the workflow of booking ${bookingId} began while its hold was released`,
      );
    return isReleased;
  }

  async function isLookedAfter({ bookingId }: UnfinishedPayment): Promise<boolean> {
    return bookingId !== null && (await workflows.one(bookingId))?.state === 'running';
  }

  /**
   * Starts the refund workflow of each payment, unless it is running. The index is a second behind:
   * one that it lacks may have started.
   */
  async function takeUp(
    page: UnfinishedPayment[],
    { items, refunding, taken }: { items: Items; refunding: Set<string>; taken: string[] },
  ): Promise<void> {
    for (const { paymentId, refundId } of page) {
      const id = refundId ?? paymentId;
      if (refunding.has(id) || taken.includes(id)) continue;
      await items.deal(id, async () => {
        if (await workflows.isRefunding(id)) return;
        await paymentWorkflows.startRefund(paymentId, {
          ...(refundId === undefined ? {} : { refundId }),
          subject: await findRefundSubject(db, paymentId, refundId),
        });
        taken.push(id);
      });
    }
  }

  /**
   * Lists them once, however many wait for an operator: looking for those that are lost then costs
   * nothing for each that waits.
   */
  async function listRefunding(): Promise<Set<string>> {
    const refunding = new Set<string>();
    for await (const paymentId of workflows.refunding()) refunding.add(paymentId);
    return refunding;
  }

  async function takeUpOpenPayments(): Promise<{ resumed: string[]; failed: ItemFailure[] }> {
    const items = new Items();
    const resumed: string[] = [];
    await items.deal('payment events', async () => {
      if (await hasWaitingEvents(db)) await paymentWorkflows.announcePaymentEvents();
    });
    const run = { items, refunding: await listRefunding(), taken: resumed };
    for await (const page of pageUnfinishedRefunds(db)) {
      if (!items.hasTimeFor('refunds')) break;
      await takeUp(page, run);
    }
    for await (const page of pageUnfinishedCharges(db)) {
      if (!items.hasTimeFor('charges')) break;
      const abandoned: UnfinishedPayment[] = [];
      for (const charge of page)
        await items.deal(charge.paymentId, async () => {
          if (!(await isLookedAfter(charge))) abandoned.push(charge);
        });
      await takeUp(abandoned, run);
    }
    return { resumed, failed: items.failed };
  }

  return {
    ...lostWorkflowActivities(deps),
    ...overdueNoticeActivities(deps),

    /**
     * Puts seats back on sale that are held long past their deadline, where no workflow is running
     * to do it. Returns the bookings that were released, and those left to their workflows. Safe to
     * repeat.
     */
    async freeOverdueHolds(): Promise<{
      released: string[];
      left: string[];
      failed: ItemFailure[];
    }> {
      const items = new Items();
      const [released, left]: [string[], string[]] = [[], []];
      for await (const page of pageOverdueHolds(db)) {
        if (!items.hasTimeFor('holds')) break;
        for (const bookingId of page)
          await items.deal(bookingId, async () => {
            ((await freeHold(bookingId)) ? released : left).push(bookingId);
          });
      }
      return { released, left, failed: items.failed };
    },

    /**
     * Hands over to refund workflows: charges that no booking's workflow looks after, and refunds
     * that have been open for long. Payments whose refund workflow is running are skipped. Also has
     * accepted reports handled that are not on record yet. Returns the payments handed over. Safe
     * to repeat.
     */
    takeUpOpenPayments,

    /** Compares what each provider says it took lately with our books. */
    async compareWithProvider(comparesDays = false): Promise<ProviderComparison> {
      const comparedMs = comparesDays ? COMPARED_AT_LENGTH_MS : COMPARED_MS;
      return compareWithProviders(deps, new Date(Date.now() - comparedMs));
    },

    /** Checks every invariant, each on its own, of what was changed since the last run. */
    async auditEveryRule(): Promise<{ violations: Violation[]; failed: ItemFailure[] }> {
      const failed: ItemFailure[] = [];
      const violations = await audit(db, workflows, (item, reason) =>
        failed.push({ item, reason }),
      );
      return { violations, failed };
    },

    /** Checks a part of everything, each invariant on its own. Returns where to continue. */
    async auditNextPart(
      from: AuditPosition | null,
    ): Promise<AuditPart & { failed: ItemFailure[] }> {
      const failed: ItemFailure[] = [];
      const onFailure = (item: string, reason: string) => failed.push({ item, reason });
      const part = await auditEverythingInParts(db, workflows, from, { forMs: PART_MS, onFailure });
      return { ...part, failed };
    },

    /** Reports that parts of a run failed; the metrics count them. */
    async reportFailures(failures: ReconciliationFailure[]): Promise<number> {
      return Promise.resolve(failures.length);
    },

    /**
     * Returns the first 500 overdue holds. For runs that began before each part could fail on its
     * own, as are the next three.
     */
    async findOverdueHolds(): Promise<string[]> {
      const found: string[] = [];
      for await (const page of pageOverdueHolds(db)) {
        found.push(...page);
        if (found.length >= 500) break;
      }
      return found;
    },

    releaseOverdueHold: freeHold,

    async resumeRefunds(): Promise<string[]> {
      return (await takeUpOpenPayments()).resumed;
    },

    async auditEverything(): Promise<Violation[]> {
      return audit(db, workflows);
    },
  };
}

export type ReconciliationActivities = ReturnType<typeof reconciliationActivities>;
