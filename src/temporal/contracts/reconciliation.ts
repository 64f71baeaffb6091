/** Runs every half hour, by a schedule, and when an operator asks for it. */
export const RECONCILIATION_WORKFLOW = 'reconciliationWorkflow';

/** An invariant that the books or the workflows violate: how often, and the first few IDs. */
export interface Violation {
  invariant: string;
  count: number;
  examples: string[];
}

/** Returns the violations of several parts of one audit as one list. */
export function addViolations(parts: readonly Violation[][]): Violation[] {
  const sum = new Map<string, Violation>();
  for (const { invariant, count, examples } of parts.flat()) {
    const known = sum.get(invariant) ?? { invariant, count: 0, examples: [] };
    sum.set(invariant, {
      invariant,
      count: known.count + count,
      examples: [...known.examples, ...examples].slice(0, 5),
    });
  }
  return [...sum.values()];
}

/** The input of a reconciliation. The schedule of every half hour sends none. */
export interface ReconciliationRequest {
  /**
   * Whether to audit everything, rather than what was changed since the last run, and to look for
   * the workflow of every sold booking.
   */
  auditsEverything?: boolean;
  /** Whether to compare two days of the provider's books, rather than the last hours. */
  comparesDays?: boolean;
}

/** A difference between our payment provider's books and ours: how often, and the first few IDs. */
export interface Disagreement {
  kind:
    /** It took money that names no booking of ours. */
    | 'not_on_record'
    /** It took money for a payment that we have as declined or voided. */
    | 'taken_nevertheless'
    /** It took another amount, or gave another amount back. */
    | 'other_amount'
    | 'other_refund'
    /** We have it as captured, and the provider has not. */
    | 'not_captured';
  count: number;
  examples: string[];
}

export type ReconciliationPart =
  | 'overdue_holds'
  | 'lost_workflows'
  | 'schedule_changes'
  | 'open_payments'
  | 'provider_comparison'
  | 'audit';

/** What one part of a reconciliation failed on. The next run tries it again. */
export interface ReconciliationFailure {
  part: ReconciliationPart;
  /** The booking, payment or invariant that failed; null when the rest was not reached either. */
  item: string | null;
  reason: string;
}

/** What a reconciliation did and found. */
export interface ReconciliationReport {
  /**
   * Bookings whose seats were released: long past their deadline, with no workflow running to do
   * it.
   */
  releasedHolds: string[];
  /** Bookings that looked the same, but have a workflow that is running. */
  leftHolds: string[];
  /**
   * Payments handed to refund workflows: their refund was open for long, or their charge was under
   * way with no workflow looking after it.
   */
  resumedRefunds: string[];
  /**
   * Sold bookings whose workflow was started again: it had been terminated or lost, or has begun
   * anew, since it did not know of a change. Absent in reports of earlier releases.
   */
  restoredWorkflows?: string[];
  /**
   * Bookings that were told of a schedule change again: the notice, or the workflow that should
   * have acted, was lost. Absent in reports of earlier releases.
   */
  toldBookings?: string[];
  /** The provider's IDs of payments whose report had never come, and is delivered now. */
  deliveredPayments: string[];
  disagreements: Disagreement[];
  violations: Violation[];
  /** What it failed on; the other parts still ran. */
  failed: ReconciliationFailure[];
}
