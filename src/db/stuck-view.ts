import type { BookingStatus, RefundStatus } from '../domain/booking';
import type { Money } from '../domain/money';
import type { Db } from './connection';

/** A hold ends within two seconds of its deadline; half a minute later something is wrong. */
const PAST_DEADLINE_FOR = '30 seconds';

/** The slowest provider that works answers within seconds. */
const UNDER_WAY_FOR = '10 minutes';

/** More than anyone reads at once; the rest shows when these are seen to. */
const AT_MOST = 200;

/** A booking as far as someone needs to know it who looks for what is stuck. */
interface BookingName {
  bookingId: string;
  reference: string;
}

export interface OverdueHold extends BookingName {
  paymentRequiredBy: Date;
}

/** Holds that outlive their deadline with no payment under way that explains it, the oldest first. */
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

/** Charges that have been under way for long and are nobody's business yet, the oldest first. */
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
  /** Null when nobody knows what the money was for. */
  bookingId: string | null;
  reference: string | null;
  provider: string;
  providerPaymentId: string | null;
  status: Exclude<RefundStatus, 'succeeded'>;
  reason: string;
  createdAt: Date;
}

/** Refunds that need a person, and those that have been on their way for long, the oldest first. */
export async function listOpenRefunds(db: Db): Promise<OpenRefund[]> {
  const { rows } = await db.raw<{ rows: OpenRefund[] }>(
    `SELECT r.payment_id AS "paymentId", b.id AS "bookingId", b.reference, p.provider,
       p.provider_payment_id AS "providerPaymentId", r.status, r.amount, r.currency, r.reason, r.created_at AS "createdAt"
     FROM refunds r JOIN payments p ON p.id = r.payment_id LEFT JOIN bookings b ON b.id = p.booking_id
     WHERE r.status = 'needs_operator'
       OR (r.status = 'pending' AND r.created_at < now() - interval '${UNDER_WAY_FOR}')
     ORDER BY r.created_at LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface NamedStanding extends BookingName {
  status: BookingStatus;
  /** When something last happened to it. */
  changedAt: Date;
}

/** How these bookings stand; those that aren't in the database are left out. */
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
