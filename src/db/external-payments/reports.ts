import type { ExternalPayment } from '../../temporal/contracts/booking';
import { externalPaymentId } from '../../temporal/external-payment-id';
import type { Db } from '../connection';

/** A payment that another service reported, and the status that it is recorded with. */
export interface ReportedPayment {
  payment: ExternalPayment;
  status: 'captured' | 'not_found';
}

/** A row that was written. Its booking is null when we know no such booking. */
export interface ReportRow {
  id: string;
  booking_id: string | null;
  provider: string;
  provider_payment_id: string;
}

/**
 * Records payments that others reported, in one statement, and deletes them from the table of
 * received events. Returns the rows that this call wrote, without those that were on record before.
 * None is applied to its booking yet.
 *
 * Safe to retry. A payment that was not found at its provider before, and is now, counts as new. So
 * a report that names an ID too early, or for another booking, keeps nobody's money off the books.
 */
export async function recordReports(
  trx: Db,
  reports: readonly ReportedPayment[],
): Promise<ReportRow[]> {
  if (reports.length === 0) return [];
  const { rows } = await trx.raw<{ rows: ReportRow[] }>(
    `INSERT INTO payments AS p (id, booking_id, reported_booking_id, status, amount, currency,
       provider, provider_payment_id, captured_at)
     SELECT t.id, b.id, CASE WHEN b.id IS NULL THEN t.booking_id::text END, t.status,
       t.amount, t.currency, t.provider, t.provider_payment_id,
       CASE WHEN t.status = 'captured' THEN now() END
     FROM jsonb_to_recordset(CAST(:reports AS jsonb)) AS t (id uuid, booking_id uuid, status text,
       amount bigint, currency text, provider text, provider_payment_id text)
     LEFT JOIN bookings b ON b.id = t.booking_id
     ORDER BY t.id
     ON CONFLICT (provider, provider_payment_id) DO UPDATE SET
       (booking_id, reported_booking_id, status, amount, currency, captured_at) =
       (EXCLUDED.booking_id, EXCLUDED.reported_booking_id, EXCLUDED.status, EXCLUDED.amount,
        EXCLUDED.currency, EXCLUDED.captured_at)
     WHERE p.status = 'not_found' AND EXCLUDED.status = 'captured'
     RETURNING p.id, p.booking_id, p.provider, p.provider_payment_id`,
    { reports: JSON.stringify([...columnsById(reports).values()]) },
  );
  await deletePaymentEvents(
    trx,
    reports.map(({ payment }) => payment),
  );
  return rows;
}

/** One statement can't write a row twice: of two reports of one payment the first counts. */
function columnsById(reports: readonly ReportedPayment[]): Map<string, object> {
  const byId = new Map<string, object>();
  for (const { payment, status } of reports) {
    const { bookingId, amount, currency, provider, providerPaymentId } = payment;
    const id = externalPaymentId(payment);
    if (byId.has(id)) continue;
    byId.set(id, {
      id,
      booking_id: bookingId,
      status,
      amount,
      currency,
      provider,
      provider_payment_id: providerPaymentId,
    });
  }
  return byId;
}

type ProvidersPayment = Pick<ExternalPayment, 'provider' | 'providerPaymentId'>;

/** Deletes reports that have been handled from the table of received events. Safe to repeat. */
export async function deletePaymentEvents(
  trx: Db,
  payments: readonly ProvidersPayment[],
): Promise<void> {
  if (payments.length === 0) return;
  await trx('received_payment_events')
    .whereIn(
      ['provider', 'provider_payment_id'],
      payments.map(({ provider, providerPaymentId }) => [provider, providerPaymentId]),
    )
    .delete();
}
