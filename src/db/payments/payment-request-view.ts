import type { Db } from '../connection';
import type { Outcome } from '../idempotency/outcome';
import { outcomeSql } from '../idempotency/outcome-view';
import { runOne, statement } from '../statement';

/** What is known of a payment before it is made. Nothing is locked: it may change at once. */
export interface PaymentRequestView {
  /** What the key is bound to, if it is. */
  outcome: Outcome | undefined;
  /**
   * The digest of the request that the payment was started with, if it was. Enough to tell a retry
   * from another request under its key.
   */
  started: { fingerprint: string | null } | undefined;
  /** The booking's owner; undefined when the booking is not in the database. */
  customerId: string | undefined;
}

/** Reads what is known of a payment before it is made, in one statement. */
export async function readBeforePayment(
  db: Db,
  {
    callerId,
    key,
    paymentId,
    bookingId,
  }: { callerId: string; key: string; paymentId: string; bookingId: string },
): Promise<PaymentRequestView> {
  const row = await runOne(db, READ_BEFORE_PAYMENT, [callerId, key, paymentId, bookingId]);
  return {
    outcome: row.outcome ?? undefined,
    started: row.started ?? undefined,
    customerId: row.customer_id ?? undefined,
  };
}

const READ_BEFORE_PAYMENT = statement<
  {
    outcome: Outcome | null;
    started: { fingerprint: string | null } | null;
    customer_id: string | null;
  },
  [callerId: string, key: string, paymentId: string, bookingId: string]
>(
  'read_before_payment',
  `SELECT
     (${outcomeSql({ callerId: '$1', route: "'payments'", key: '$2' })}) AS outcome,
     (SELECT json_build_object('fingerprint', p.request_fingerprint)
      FROM payments p WHERE p.id = $3) AS started,
     (SELECT b.customer_id FROM bookings b WHERE b.id = $4) AS customer_id`,
);
