import type { BookingStatus } from '../../domain/booking';
import type { Money } from '../../domain/money';
import type { ExternalPayment } from '../../temporal/contracts/booking';
import type { Db } from '../connection';

/** A workflow records a report within milliseconds. After this time the report is checked. */
const CHECKED_AFTER = '15 seconds';

/**
 * A report that is not on record, with its booking's standing; `null` when we know no such booking.
 */
export interface WaitingEvent {
  payment: ExternalPayment;
  /** Whether it was sent to the workflow of its booking. */
  isDelivered: boolean;
  ageMs: number;
  booking: { status: BookingStatus; price: Money; paymentRequiredBy: Date | null } | null;
}

interface EventRow {
  provider: string;
  provider_payment_id: string;
  booking_id: string;
  amount: number;
  currency: string;
  age_ms: number;
  is_delivered: boolean;
  status: BookingStatus | null;
  price_amount: number;
  price_currency: string;
  payment_required_by: Date | null;
}

/**
 * Returns reports that were sent to no workflow, or whose workflow has recorded nothing since. Each
 * booking gets its turn as often as any other, however many reports it has.
 */
export async function listWaitingEvents(db: Db, limit: number): Promise<WaitingEvent[]> {
  const { rows } = await db.raw<{ rows: EventRow[] }>(
    `SELECT e.provider, e.provider_payment_id, e.booking_id, e.amount, e.currency,
       e.delivered_at IS NOT NULL AS is_delivered,
       CAST(1000 * extract(epoch FROM now() - e.received_at) AS float) AS age_ms,
       b.status, b.price_amount, b.currency AS price_currency, b.payment_required_by
     FROM (
       SELECT *, row_number() OVER (PARTITION BY booking_id ORDER BY received_at) AS turn
       FROM received_payment_events
       WHERE delivered_at IS NULL OR delivered_at < now() - interval '${CHECKED_AFTER}'
     ) e LEFT JOIN bookings b ON b.id = e.booking_id
     ORDER BY e.delivered_at IS NOT NULL, e.turn, e.received_at LIMIT ?`,
    [limit],
  );
  return rows.map(toWaitingEvent);
}

/** Whether any report is left that is not on record. */
export async function hasWaitingEvents(db: Db): Promise<boolean> {
  return (await db('received_payment_events').first('provider')) !== undefined;
}

/** Records that these reports were sent to their bookings' workflows, or are known there. */
export async function recordDelivery(db: Db, payments: readonly ExternalPayment[]): Promise<void> {
  if (payments.length === 0) return;
  await db('received_payment_events')
    .whereIn(
      ['provider', 'provider_payment_id'],
      payments.map(({ provider, providerPaymentId }) => [provider, providerPaymentId]),
    )
    .update({ delivered_at: new Date() });
}

function toWaitingEvent(row: EventRow): WaitingEvent {
  return {
    payment: {
      bookingId: row.booking_id,
      amount: row.amount,
      currency: row.currency,
      provider: row.provider,
      providerPaymentId: row.provider_payment_id,
    },
    isDelivered: row.is_delivered,
    ageMs: row.age_ms,
    booking:
      row.status === null
        ? null
        : {
            status: row.status,
            price: { amount: row.price_amount, currency: row.price_currency },
            paymentRequiredBy: row.payment_required_by,
          },
  };
}
