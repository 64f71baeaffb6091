export type StuckKind =
  | 'hold_past_deadline'
  | 'charge_under_way'
  | 'refund_needs_operator'
  | 'refund_under_way'
  | 'payment_disputed'
  | 'refunded_by_provider'
  | 'not_in_database'
  | 'settled_but_running'
  | 'workflow_code_fails'
  | 'build_without_workers';

/** Something that does not get on by itself, and what to do about it. */
export interface Stuck {
  kind: StuckKind;
  /** Reference of the booking, or what else it is known by. */
  what: string;
  workflowId: string;
  /** Null for a refund whose booking nobody knows. */
  bookingId: string | null;
  paymentId: string | null;
  since: string;
  detail: string;
  todo: string;
}
