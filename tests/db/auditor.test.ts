import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/auditor';
import { recordUnappliedPayment } from '../../src/db/captures';
import { cancelUnpaidBooking } from '../../src/db/cancellations';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { foreignPaymentFor, hold, sell } from './inventory';

let database: TestDatabase;
let db: Db;
let flight: FlightOnSale;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  flight = await putFlightOnSale(db, { seats: 12 });
});

afterEach(() => database.drop());

/** Does what no transaction of ours could: PostgreSQL's own rules are off meanwhile. */
async function breakTheBooks(fault: (trx: Db) => Promise<unknown>): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('SET LOCAL session_replication_role = replica');
    await fault(trx);
  });
}

async function brokenRules(): Promise<string[]> {
  return (await auditBooks(db)).map(({ invariant }) => invariant);
}

test('books in which all went well break no rule', async () => {
  await hold(db, flight);
  await sell(db, flight);
  const cancelled = await hold(db, flight);
  await cancelUnpaidBooking(db, cancelled, {
    reason: 'customer_request',
    actor: cancelled.customerId,
    requestedAt: new Date(),
  });
  await recordUnappliedPayment(db, foreignPaymentFor(cancelled), {
    reason: 'booking_cancelled',
    ourProvider: 'sandbox',
  });
  // The provider's side of what was sold without it.
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
});

const FAULTS: [
  string,
  string,
  (trx: Db, ids: { held: string; sold: string }) => Promise<unknown>,
][] = [
  [
    'a seat that vanished',
    'held + sold + free seats = capacity',
    (trx) => trx('seats').where({ state: 'free', seat_number: '2F' }).delete(),
  ],
  [
    'a seat held for a booking that is paid for',
    'a held seat belongs to a pending booking, a sold one to a booked one',
    (trx, { sold }) => trx('seats').where({ booking_id: sold }).update({ state: 'held' }),
  ],
  [
    'a seat whose owner is no booking',
    'a held seat belongs to a pending booking, a sold one to a booked one',
    (trx, { held }) =>
      trx('seats').where({ booking_id: held }).update({ booking_id: randomUUID() }),
  ],
  [
    'a hold without its seat',
    'a pending or booked booking owns as many seats as it has seated passengers',
    (trx, { held }) =>
      trx('seats').where({ booking_id: held }).update({ state: 'free', booking_id: null }),
  ],
  [
    'a passenger in a seat that is not theirs',
    'passengers sit in the seats of their booking',
    (trx, { sold }) => trx('passengers').where({ booking_id: sold }).update({ seat_number: '99A' }),
  ],
  [
    'a booked booking that nobody paid for',
    'a booked booking has exactly one applied capture, of its price',
    (trx, { sold }) => trx('payments').where({ booking_id: sold }).update({ applied: false }),
  ],
  [
    'an applied payment of a booking that is not booked',
    'an applied capture pays for a booking that is booked, or was',
    (trx, { sold, held }) =>
      trx('payments').where({ booking_id: sold }).update({ booking_id: held }),
  ],
  [
    'captured money that is neither applied nor owed back',
    'every capture that is not applied has a refund of all of it',
    (trx, { sold }) => trx('payments').where({ booking_id: sold }).update({ applied: false }),
  ],
  [
    'a capture that was never posted',
    'every capture is posted, and balances',
    (trx) => trx('ledger_postings').delete(),
  ],
  [
    'a capture posted with another amount',
    'every capture is posted, and balances',
    (trx) => trx('ledger_postings').where('amount', '>', 0).increment('amount', 1),
  ],
  [
    'money at the provider that we know nothing of',
    "the sandbox provider's captures are ours, a payment under way explaining any other",
    (trx) =>
      trx.raw(
        `INSERT INTO sandbox_provider.payment_intents (id, idempotency_key, amount, currency, payment_method, status)
         VALUES ('spi_stray', 'stray', 1, 'USD', 'pm_card_visa', 'captured')`,
      ),
  ],
  [
    'a capture of ours that the provider knows nothing of',
    "our captures of the sandbox provider's are in its books",
    (trx) => trx.raw('DELETE FROM sandbox_provider.payment_intents'),
  ],
  [
    'a hold long past its deadline',
    'a hold ends within two seconds of its deadline, unless a payment is under way',
    (trx, { held }) =>
      trx('bookings')
        .where({ id: held })
        .update({ payment_required_by: new Date(Date.now() - 3_000) }),
  ],
  [
    'an answer whose booking is gone',
    'nothing that was answered with success is lost',
    (trx, { held }) => trx('bookings').where({ id: held }).delete(),
  ],
  [
    'a booking that nothing is told of',
    'every booking tells its history',
    (trx, { held }) => trx('booking_events').where({ booking_id: held }).delete(),
  ],
];

test.each(FAULTS)('%s is found', async (_fault, rule, plant) => {
  const { bookingId: held } = await hold(db, flight);
  const { request } = await sell(db, flight);
  await settleWithProvider(db);
  expect(await brokenRules()).toEqual([]);

  await breakTheBooks((trx) => plant(trx, { held, sold: request.bookingId }));
  expect(await brokenRules()).toContain(rule);
});

test('a payment left authorized on a cancelled booking is found', async () => {
  const request = await hold(db, flight);
  const { payment } = await sell(db, flight);
  await settleWithProvider(db);
  await breakTheBooks(async (trx) => {
    await trx('bookings')
      .where({ id: request.bookingId })
      .update({ status: 'cancelled', cancellation_reason: 'customer_request' });
    await trx('payments').where({ id: payment.paymentId }).update({
      booking_id: request.bookingId,
      status: 'authorized',
      applied: false,
      captured_at: null,
    });
  });
  expect(await brokenRules()).toContain('a cancelled booking keeps no payment under way');
});

/** Writes the provider's side of captures that the fixtures made without asking it. */
async function settleWithProvider(trx: Db): Promise<void> {
  await trx.raw(
    `INSERT INTO sandbox_provider.payment_intents
       (id, idempotency_key, amount, currency, payment_method, status, captured_at)
     SELECT 'spi_' || id, id::text, amount, currency, 'pm_card_visa', 'captured', captured_at
     FROM payments WHERE provider = 'sandbox' AND status = 'captured'`,
  );
}
