import { randomUUID } from 'node:crypto';
import { reserve, type ReservationTerms } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import type {
  BookingRequest,
  CardPayment,
  ExternalPayment,
} from '../../src/temporal/contracts/booking';
import { ADULT_PRICE, paymentFor, requestOf } from '../support/flights';

/** The terms of a reservation asked for now: a quarter of an hour to pay, ten holds a customer. */
export function terms(details: Partial<ReservationTerms> = {}): ReservationTerms {
  return {
    requestedAt: new Date(),
    heldAt: details.requestedAt ?? new Date(),
    paymentWindowSeconds: 900,
    maxOpenHoldsPerCustomer: 10,
    maxUnpaidHoldsPerFlight: 3,
    maxUnpaidHoldsPerDay: 20,
    ...details,
  };
}

/** Holds a seat of the flight for one adult; returns the request that did. */
export async function hold(
  db: Db,
  flight: { id: string },
  details: Partial<BookingRequest> = {},
): Promise<BookingRequest> {
  const request = requestOf(flight, details);
  const { outcome } = await reserve(db, request, terms());
  if (outcome !== 'held') throw new Error(`Bug: the seat of the test is ${outcome}`);
  return request;
}

/** Sells a seat of the flight to one adult; returns the request and the payment that did. */
export async function sell(
  db: Db,
  flight: { id: string },
): Promise<{ request: BookingRequest; payment: CardPayment }> {
  const request = await hold(db, flight);
  const payment = paymentFor(request);
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment);
  return { request, payment };
}

/** Money that another service took for the booking: what it costs, unless said otherwise. */
export function externalPaymentFor(
  { bookingId }: { bookingId: string },
  details: Partial<ExternalPayment> = {},
): ExternalPayment {
  return {
    bookingId,
    ...ADULT_PRICE,
    provider: 'bank',
    providerPaymentId: `transfer-${randomUUID()}`,
    ...details,
  };
}

/** What the ledger has on a booking, summed by account; debits are positive. */
export async function ledgerOf(db: Db, bookingId: string): Promise<Record<string, number>> {
  const rows = await db('ledger_postings')
    .join('ledger_transactions', 'ledger_transactions.id', 'ledger_postings.transaction_id')
    .where({ booking_id: bookingId })
    .groupBy('account')
    .select('account')
    .sum<{ account: string; total: string }[]>('ledger_postings.amount as total');
  return Object.fromEntries(rows.map(({ account, total }) => [account, Number(total)]));
}

/** The types of what happened to a booking, in order. */
export async function eventsOf(db: Db, bookingId: string): Promise<string[]> {
  return db('booking_events').where({ booking_id: bookingId }).orderBy('id').pluck('type');
}

/** Writes the provider's side of captures and refunds that the fixtures made without asking it. */
export async function settleWithProvider(trx: Db): Promise<void> {
  await trx.raw(
    `INSERT INTO sandbox_provider.payment_intents
       (id, idempotency_key, amount, currency, payment_method, status, captured_at)
     SELECT 'spi_' || id, id::text, amount, currency, 'pm_card_visa', 'captured', captured_at
     FROM payments WHERE provider = 'sandbox' AND status = 'captured'
     ON CONFLICT DO NOTHING`,
  );
  await trx.raw(
    `INSERT INTO sandbox_provider.refunds (id, idempotency_key, payment_intent_id, amount)
     SELECT provider_refund_id, id::text, 'spi_' || payment_id, amount
     FROM refunds WHERE status = 'succeeded'
     ON CONFLICT DO NOTHING`,
  );
}
