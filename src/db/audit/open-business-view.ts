import { OVERDUE_AFTER_MINUTES } from '../../domain/schedule-change-lateness';
import type { Db } from '../connection';

/** Counts of what is open at this moment. */
export interface OpenBusiness {
  openHolds: number;
  /**
   * Holds a minute past their deadline with no payment under way: probably no workflow looks after
   * them.
   */
  overdueHolds: number;
  seatsHeld: number;
  /** Seats of bookings that were made in the last 24 hours. */
  seatsSoldLastDay: number;
  paymentsProcessing: number;
  paymentsAuthorized: number;
  refundsPending: number;
  refundsNeedingOperator: number;
  disputesOpen: number;
  /** All disputes ever lost. */
  disputesLost: number;
  /** Booked bookings that have not left, whose provider refunded money without us. */
  bookingsRefundedByProvider: number;
  changesPending: number;
  /** Changes ten minutes past the time to pay for them: probably no workflow looks after them. */
  changesOverdue: number;
  /** Offers that wait for a response to a schedule change. */
  offersOpen: number;
  /** Those of them that are an hour past the time to respond. */
  offersOverdue: number;
  /** Bookings that are not told of a schedule change yet, or could not be. */
  bookingsUntold: number;
}

/** Many times what the query takes; a scrape need not wait longer. */
const TIMEOUT_MS = 2_000;

/**
 * Counts what is open. Each count reads a partial index that holds nothing else, or one day of it,
 * so its cost doesn't grow with the books.
 */
export async function readOpenBusiness(db: Db): Promise<OpenBusiness> {
  const { rows } = await db
    .raw<{ rows: [OpenBusiness] }>(
      `WITH pending AS (
         SELECT id, seat_count, payment_required_by FROM bookings WHERE status = 'pending'
       ), charge AS (
         SELECT booking_id, status FROM payments WHERE status IN ('processing', 'authorized')
       ), refund AS (
         SELECT status FROM refunds WHERE status <> 'succeeded'
       ), change AS (
         SELECT payment_required_by FROM changes WHERE status = 'pending'
       ), offer AS (
         SELECT respond_by FROM booking_schedule_changes WHERE state = 'waiting'
       ), held AS (
         SELECT count(*) AS holds, coalesce(sum(seat_count), 0) AS seats FROM pending
       )
       SELECT
         held.holds AS "openHolds",
         (SELECT count(*) FROM pending
          WHERE payment_required_by < now() - interval '1 minute' AND NOT EXISTS (
            SELECT FROM charge WHERE charge.booking_id = pending.id)) AS "overdueHolds",
         held.seats AS "seatsHeld",
         (SELECT coalesce(sum(seat_count), 0) FROM bookings
          WHERE created_at > now() - interval '1 day' AND status = 'booked') AS "seatsSoldLastDay",
         (SELECT count(*) FROM charge WHERE status = 'processing') AS "paymentsProcessing",
         (SELECT count(*) FROM charge WHERE status = 'authorized') AS "paymentsAuthorized",
         (SELECT count(*) FROM refund WHERE status = 'pending') AS "refundsPending",
         (SELECT count(*) FROM refund WHERE status = 'needs_operator') AS "refundsNeedingOperator",
         (SELECT count(*) FROM disputes WHERE status = 'open' AND payment_id IS NOT NULL) AS "disputesOpen",
         (SELECT count(*) FROM disputes WHERE status = 'lost' AND payment_id IS NOT NULL) AS "disputesLost",
         (SELECT count(*) FROM (
            SELECT t.payment_id FROM ledger_transactions t
            JOIN ledger_postings l ON l.transaction_id = t.id
            JOIN payments p ON p.id = t.payment_id AND p.applied
            JOIN bookings b ON b.id = p.booking_id AND b.status = 'booked'
            JOIN flights f ON f.id = b.flight_id AND f.departure_at > now()
            WHERE t.kind IN ('provider_refund', 'provider_refund_reversed')
              AND l.account = 'suspense:provider_refunds'
            GROUP BY t.payment_id HAVING sum(l.amount) > 0) given) AS "bookingsRefundedByProvider",
         (SELECT count(*) FROM change) AS "changesPending",
         (SELECT count(*) FROM change
          WHERE payment_required_by < now() - interval '10 minutes') AS "changesOverdue",
         (SELECT count(*) FROM offer) AS "offersOpen",
         (SELECT count(*) FROM offer
          WHERE respond_by < now() - interval '${OVERDUE_AFTER_MINUTES} minutes') AS "offersOverdue",
         (SELECT count(*) FROM booking_schedule_changes
          WHERE state IN ('pending', 'failed')) AS "bookingsUntold"
       FROM held`,
    )
    .timeout(TIMEOUT_MS);
  return rows[0];
}
