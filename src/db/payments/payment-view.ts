import type { BookingStatus } from '../../domain/booking';
import type { Dispute, Payment, PaymentStatus } from '../../domain/payment';
import type { Db } from '../connection';
import { DISPUTE_OF_PAYMENT } from '../provider-money/dispute-view';

/** Reads a payment as its payer sees it; undefined when it was never started. */
export async function readPayment(db: Db, paymentId: string): Promise<Payment | undefined> {
  const { rows } = await db.raw<{ rows: PaymentRow[] }>(
    `SELECT p.*, b.status AS booking_status, ${DISPUTE_OF_PAYMENT} AS dispute FROM payments p JOIN bookings b ON b.id = p.booking_id
     WHERE p.id = ?`,
    [paymentId],
  );
  return rows[0] && toPayment(rows[0]);
}

/** Reads a payment that must exist. */
export async function readKnownPayment(db: Db, paymentId: string): Promise<Payment> {
  const payment = await readPayment(db, paymentId);
  if (payment === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  return payment;
}

/**
 * Returns the provider of a payment and when it was started; undefined when it is not on record.
 */
export async function findCharge(
  db: Db,
  paymentId: string,
): Promise<{ provider: string; startedAt: Date } | undefined> {
  const row = await db('payments').where({ id: paymentId }).first('provider', 'created_at');
  return row && { provider: row.provider, startedAt: row.created_at };
}

/** Returns our own charge that some provider knows by this ID; undefined when there is none. */
export async function findChargeOf(db: Db, providerPaymentId: string): Promise<string | undefined> {
  const row = await db('payments')
    .where({ provider_payment_id: providerPaymentId })
    .whereNotNull('customer_id')
    .first('id');
  return row?.id;
}

/**
 * Whether a report of a provider's payment adds nothing. The payment is on record, as applied or as
 * owed back, or it is a card payment of ours, which its own workflow handles.
 */
export async function isPaymentOnRecord(
  db: Db,
  { provider, providerPaymentId }: { provider: string; providerPaymentId: string },
): Promise<boolean> {
  const row = await db('payments')
    .where({ provider, provider_payment_id: providerPaymentId })
    .whereRaw("(status = 'captured' OR customer_id IS NOT NULL)")
    .first('id');
  return row !== undefined;
}

/** Returns our ID of the card payment that a provider's payment is, found by its ID or by ours. */
export async function findOwnCharge(
  db: Db,
  payment: { provider: string } & ({ providerPaymentId: string } | { paymentId: string }),
): Promise<string | undefined> {
  const { provider } = payment;
  const which =
    'paymentId' in payment
      ? { id: payment.paymentId }
      : { provider_payment_id: payment.providerPaymentId };
  const row = await db('payments')
    .where({ provider, ...which })
    .whereNotNull('customer_id')
    .first('id');
  return row?.id;
}

/**
 * Whether a booking is settled in the database, so that no payment of it can be started any more.
 */
export async function isSettled(db: Db, bookingId: string): Promise<boolean> {
  const row = await db('bookings')
    .where({ id: bookingId })
    .whereIn('status', ['booked', 'cancelled'])
    .first('id');
  return row !== undefined;
}

interface PaymentRow {
  id: string;
  booking_id: string;
  booking_status: BookingStatus;
  status: PaymentStatus;
  amount: number;
  currency: string;
  captured_at: Date | null;
  decline_code: string | null;
  dispute: Dispute | null;
}

function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    bookingId: row.booking_id,
    bookingStatus: row.booking_status,
    status: row.status,
    amount: row.amount,
    currency: row.currency,
    capturedAt: row.captured_at?.toISOString() ?? null,
    declineCode: row.decline_code,
    dispute: row.dispute,
  };
}
