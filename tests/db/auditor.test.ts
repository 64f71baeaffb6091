import { auditBooks, auditChanges } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import type { Db } from '../../src/db/connection';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { recordRefund, refundIdOf } from '../../src/db/refunds/refunds';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { breakTheBooks, FAULTS } from './book-faults';
import { externalPaymentFor, hold, sell, settleWithProvider } from './inventory';

let database: TestDatabase;
let db: Db;
let flight: FlightOnSale;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  flight = await putFlightOnSale(db, { seats: 12 });
});

afterEach(() => database.drop());

async function brokenRules(): Promise<string[]> {
  return (await auditBooks(db)).map(({ invariant }) => invariant);
}

/** Only what was changed since the last audit is read. */
async function brokenAmongChanges(): Promise<string[]> {
  const { violations } = await auditChanges(db);
  return violations.map(({ invariant }) => invariant);
}

/** Sells a seat, cancels, and gives back all but the fee; returns the booking. */
async function sellAndRefund(): Promise<{ bookingId: string; paymentId: string }> {
  const {
    request: { bookingId, customerId },
    payment: { paymentId },
  } = await sell(db, flight);
  // The fare's fee is due a day after booking.
  const requestedAt = new Date(Date.now() + 25 * 60 * 60_000);
  const terms = { asOperator: false, actor: customerId, requestedAt, ourProviders: ['sandbox'] };
  await cancelBookedBooking(db, bookingId, terms);
  await recordRefund(db, paymentId, `sre_${refundIdOf(paymentId)}`);
  return { bookingId, paymentId };
}

test('books in which all went well break no rule', async () => {
  await hold(db, flight);
  await sell(db, flight);
  await sellAndRefund();
  const cancelled = await hold(db, flight);
  await cancelUnpaidBooking(db, cancelled, {
    reason: 'customer_request',
    actor: cancelled.customerId,
    requestedAt: new Date(),
  });
  await recordUnappliedPayment(db, externalPaymentFor(cancelled), {
    reason: 'booking_cancelled',
    ourProviders: ['sandbox'],
  });
  // The provider's side of what was sold without it.
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
});

test.each(FAULTS)(
  '%s is found, among all rows and among those that changed',
  async (_fault, rule, plant) => {
    const { bookingId: held } = await hold(db, flight);
    const { request } = await sell(db, flight);
    const { bookingId: cancelled, paymentId: refunded } = await sellAndRefund();
    await settleWithProvider(db);
    expect(await brokenAmongChanges()).toEqual([]);

    await breakTheBooks(db, (trx) =>
      plant(trx, { held, sold: request.bookingId, cancelled, refunded }),
    );
    expect(await brokenRules()).toContain(rule);
    expect(await brokenAmongChanges()).toContain(rule);
  },
);
