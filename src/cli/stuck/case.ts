import { formatInstant } from '../format';

export type StuckKind =
  | 'hold_past_deadline'
  | 'charge_under_way'
  | 'refund_needs_operator'
  | 'refund_under_way'
  | 'payment_disputed'
  | 'refunded_by_provider'
  | 'change_under_way'
  | 'schedule_change_untold'
  | 'schedule_change_overdue'
  | 'not_in_database'
  | 'settled_but_running'
  | 'workflow_code_fails'
  | 'build_without_workers';

/** Something that needs an operator, and what to do about it. */
export interface Stuck {
  kind: StuckKind;
  /** Reference of the booking, or what else identifies it. */
  what: string;
  workflowId: string;
  /** Null for a refund whose booking is unknown. */
  bookingId: string | null;
  paymentId: string | null;
  since: string;
  detail: string;
  todo: string;
}

/** Describes what is stuck, each with what to do about it. */
export function describeStuck(stuck: readonly Stuck[]): string {
  if (stuck.length === 0) return 'Nothing is stuck.';
  return stuck
    .map(
      ({ kind, what, workflowId, since, detail, todo }) =>
        `${kind}  ${what}  since ${formatInstant(since)}\n  ${detail}\n  ${workflowId}\n  → ${todo}`,
    )
    .join('\n\n');
}
