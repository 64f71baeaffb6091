import type { Db } from './connection';

/** What is open at this moment, in numbers. */
export interface OpenBusiness {
  openHolds: number;
  /** Holds a minute past their deadline with no payment under way: nobody seems to look after them. */
  overdueHolds: number;
  seatsHeld: number;
  seatsSold: number;
  paymentsProcessing: number;
  paymentsAuthorized: number;
  refundsPending: number;
  refundsNeedingOperator: number;
}

/** Longer than it takes on millions of seats; a scrape is not worth more. */
const PATIENCE_MS = 2_000;

/** Counts what is open. Every count is of a partial index, which holds what is open and nothing else; no row of a settled booking is read. */
export async function readOpenBusiness(db: Db): Promise<OpenBusiness> {
  const { rows } = await db
    .raw<{ rows: [OpenBusiness] }>(
      `WITH pending AS (
         SELECT id, seat_count, payment_required_by FROM bookings WHERE status = 'pending'
       ), charge AS (
         SELECT booking_id, status FROM payments WHERE status IN ('processing', 'authorized')
       ), refund AS (
         SELECT status FROM refunds WHERE status <> 'succeeded'
       ), taken AS (
         SELECT count(*) AS seats FROM seats WHERE booking_id IS NOT NULL
       ), held AS (
         SELECT count(*) AS holds, coalesce(sum(seat_count), 0) AS seats FROM pending
       )
       SELECT
         held.holds AS "openHolds",
         (SELECT count(*) FROM pending
          WHERE payment_required_by < now() - interval '1 minute' AND NOT EXISTS (
            SELECT FROM charge WHERE charge.booking_id = pending.id)) AS "overdueHolds",
         held.seats AS "seatsHeld",
         taken.seats - held.seats AS "seatsSold",
         (SELECT count(*) FROM charge WHERE status = 'processing') AS "paymentsProcessing",
         (SELECT count(*) FROM charge WHERE status = 'authorized') AS "paymentsAuthorized",
         (SELECT count(*) FROM refund WHERE status = 'pending') AS "refundsPending",
         (SELECT count(*) FROM refund WHERE status = 'needs_operator') AS "refundsNeedingOperator"
       FROM held, taken`,
    )
    .timeout(PATIENCE_MS);
  return rows[0];
}
