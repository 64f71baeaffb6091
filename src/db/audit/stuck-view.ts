import type { BookingStatus, RefundStatus } from '../../domain/booking';
import type { Money } from '../../domain/money';
import type { DisputeStatus } from '../../domain/payment';
import type { Db } from '../connection';
import { inPages } from '../pages';

/** A hold ends within two seconds of its deadline; half a minute later something is wrong. */
const PAST_DEADLINE_FOR = '30 seconds';

/** Far longer than the slowest working provider takes, which is seconds. */
const UNDER_WAY_FOR = '10 minutes';

/** More than anyone reads at once. The rest shows once these are dealt with. */
const AT_MOST = 200;

/** What identifies a booking to an operator who looks for what is stuck. */
interface BookingName {
  bookingId: string;
  reference: string;
}

export interface OverdueHold extends BookingName {
  paymentRequiredBy: Date;
}

/**
 * Returns holds past their deadline with no payment under way that explains it, the oldest first.
 */
export async function listOverdueHolds(db: Db): Promise<OverdueHold[]> {
  const { rows } = await db.raw<{ rows: OverdueHold[] }>(
    `SELECT b.id AS "bookingId", b.reference, b.payment_required_by AS "paymentRequiredBy"
     FROM bookings b
     WHERE b.status = 'pending' AND b.payment_required_by < now() - interval '${PAST_DEADLINE_FOR}'
       AND NOT EXISTS (
         SELECT FROM payments p WHERE p.booking_id = b.id AND p.status IN ('processing', 'authorized'))
     ORDER BY b.payment_required_by LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface LongCharge extends BookingName, Money {
  paymentId: string;
  provider: string;
  status: string;
  createdAt: Date;
}

/** Returns charges that have been under way for long and have no refund yet, the oldest first. */
export async function listLongCharges(db: Db): Promise<LongCharge[]> {
  const { rows } = await db.raw<{ rows: LongCharge[] }>(
    `SELECT b.id AS "bookingId", b.reference, p.id AS "paymentId", p.provider, p.status, p.amount, p.currency,
       p.created_at AS "createdAt"
     FROM payments p JOIN bookings b ON b.id = p.booking_id LEFT JOIN refunds r ON r.payment_id = p.id
     WHERE p.status IN ('processing', 'authorized') AND r.id IS NULL
       AND p.created_at < now() - interval '${UNDER_WAY_FOR}'
     ORDER BY p.created_at LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface OpenRefund extends Money {
  paymentId: string;
  refundId: string;
  /** The refund's own ID if it belongs to a change, else the payment's: its workflow is named so. */
  refundKey: string;
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  reference: string | null;
  provider: string;
  providerPaymentId: string | null;
  status: Exclude<RefundStatus, 'succeeded'>;
  reason: string;
  createdAt: Date;
}

/**
 * Returns refunds that need an operator, those that have been open for long, and the named ones
 * whatever they are, each group the oldest first. A long list of one group hides none of another.
 */
export async function listOpenRefunds(db: Db, alsoThese: readonly string[]): Promise<OpenRefund[]> {
  const { rows } = await db.raw<{ rows: OpenRefund[] }>(
    `SELECT r.payment_id AS "paymentId", r.id AS "refundId",
       CASE WHEN r.change_id IS NULL THEN r.payment_id ELSE r.id END AS "refundKey", b.id AS "bookingId", b.reference, p.provider,
       p.provider_payment_id AS "providerPaymentId", r.status, r.amount, r.currency, r.reason, r.created_at AS "createdAt"
     FROM (
       (SELECT id FROM refunds WHERE status <> 'succeeded' AND status = 'needs_operator'
        ORDER BY created_at LIMIT ${AT_MOST})
       UNION (SELECT id FROM refunds WHERE status <> 'succeeded' AND status = 'pending'
        AND created_at < now() - interval '${UNDER_WAY_FOR}' ORDER BY created_at LIMIT ${AT_MOST})
       UNION (SELECT id FROM refunds WHERE status <> 'succeeded'
        AND (payment_id = ANY (CAST(:keys AS uuid[])) OR id = ANY (CAST(:keys AS uuid[]))))
     ) open JOIN refunds r USING (id)
     JOIN payments p ON p.id = r.payment_id LEFT JOIN bookings b ON b.id = p.booking_id
     ORDER BY r.created_at, r.id`,
    { keys: [...alsoThese] },
  );
  return rows;
}

/** Finds all refunds that have been open for long, as their workflows are named; page by page. */
export async function* pageLongOpenRefunds(db: Db): AsyncGenerator<string[]> {
  const query = `
    SELECT id, CASE WHEN change_id IS NULL THEN payment_id ELSE id END AS key, created_at AS sort_key
    FROM refunds
    WHERE status <> 'succeeded' AND created_at < now() - interval '${UNDER_WAY_FOR}'`;
  for await (const page of inPages<{ key: string }>(db, query)) yield page.map(({ key }) => key);
}

export interface UnsettledDispute extends Money {
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  reference: string | null;
  bookingStatus: BookingStatus | null;
  paymentId: string;
  provider: string;
  providerDisputeId: string;
  status: Exclude<DisputeStatus, 'won'>;
  reason: string | null;
  createdAt: Date;
}

/**
 * Returns disputes of our payments that need an operator, the oldest first: open ones, and lost
 * ones whose booking is still booked and has not left.
 */
export async function listUnsettledDisputes(db: Db): Promise<UnsettledDispute[]> {
  const { rows } = await db.raw<{ rows: UnsettledDispute[] }>(
    `SELECT b.id AS "bookingId", b.reference, b.status AS "bookingStatus", p.id AS "paymentId",
       d.provider, d.provider_dispute_id AS "providerDisputeId", d.status, d.amount, d.currency,
       d.reason, d.created_at AS "createdAt"
     FROM disputes d JOIN payments p ON p.id = d.payment_id
     LEFT JOIN bookings b ON b.id = p.booking_id LEFT JOIN flights f ON f.id = b.flight_id
     WHERE d.status = 'open'
       OR (d.status = 'lost' AND p.applied AND b.status = 'booked' AND f.departure_at > now())
     ORDER BY d.created_at LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface RefundByProvider extends BookingName, Money {
  paymentId: string;
  provider: string;
  since: Date;
}

/**
 * Returns bookings that stay booked although their provider refunded money without us, the oldest
 * first.
 */
export async function listRefundsByProvider(db: Db): Promise<RefundByProvider[]> {
  const { rows } = await db.raw<{ rows: RefundByProvider[] }>(
    `SELECT b.id AS "bookingId", b.reference, p.id AS "paymentId", p.provider, p.currency,
       CAST(sum(l.amount) AS bigint) AS amount, min(t.occurred_at) AS since
     FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
     JOIN payments p ON p.id = t.payment_id
     JOIN bookings b ON b.id = p.booking_id JOIN flights f ON f.id = b.flight_id
     WHERE t.kind IN ('provider_refund', 'provider_refund_reversed')
       AND l.account = 'suspense:provider_refunds'
       AND p.applied AND b.status = 'booked' AND f.departure_at > now()
     GROUP BY b.id, p.id HAVING sum(l.amount) > 0
     ORDER BY since LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface NamedStanding extends BookingName {
  status: BookingStatus;
  /** When its last event occurred. */
  changedAt: Date;
}

/** Returns the standings of these bookings. Those that aren't in the database are left out. */
export async function listStandings(
  db: Db,
  bookingIds: readonly string[],
): Promise<NamedStanding[]> {
  const { rows } = await db.raw<{ rows: NamedStanding[] }>(
    `SELECT b.id AS "bookingId", b.reference, b.status, coalesce(max(e.occurred_at), b.created_at) AS "changedAt"
     FROM bookings b LEFT JOIN booking_events e ON e.booking_id = b.id
     WHERE b.id = ANY (CAST(:bookingIds AS uuid[])) GROUP BY b.id`,
    { bookingIds: [...bookingIds] },
  );
  return rows;
}
