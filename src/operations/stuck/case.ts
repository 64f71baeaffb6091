import type { Client } from '@temporalio/client';
import type { Db } from '../../db/connection';

/** What is looked at: the database, and Temporal with the task queue of our workers. */
export interface System {
  db: Db;
  client: Client;
  taskQueue: string;
}

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
  /** Only of a refund: which of its payment's it is. */
  refundId?: string;
  since: string;
  detail: string;
  todo: string;
}
