import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { journalOfBooking, totalsOfDay } from '../../src/db/ledger/ledger-view';
import { recordRefund } from '../../src/db/refunds/refunds';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';
import { sell } from './inventory';

const TODAY = new Date().toISOString().slice(0, 10);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

test('a sale, its cancellation with a fee, and the refund, as accounts have them', async () => {
  const db = database.knex;
  const flight = await putFlightOnSale(db, { seats: 1 });
  const { request, payment } = await sell(db, flight);
  const booking = await db('bookings').where({ id: request.bookingId }).first();
  const threeDaysLater = new Date((booking?.created_at.getTime() ?? 0) + 3 * 24 * 60 * 60 * 1000);
  await cancelBookedBooking(db, request.bookingId, {
    asOperator: false,
    actor: request.customerId,
    requestedAt: threeDaysLater,
    ourProviders: ['sandbox'],
  });
  await recordRefund(db, payment.paymentId, 'sre_1');

  expect(await totalsOfDay(db, TODAY)).toEqual([
    total('liability:refunds', 7_000, 7_000),
    total('liability:taxes', 1_500, 1_500),
    total('receivable:sandbox', 12_000, 7_000),
    total('revenue:cancellation_fees', 0, 5_000),
    total('revenue:fares', 10_000, 10_000),
    total('revenue:fees', 500, 500),
  ]);
  expect(await totalsOfDay(db, '2001-01-01')).toEqual([]);

  const journal = await journalOfBooking(db, booking?.reference.toLowerCase() ?? '');
  expect(
    journal.map(({ kind, account, amount }) => `${kind} ${account} ${String(amount)}`),
  ).toEqual([
    'capture receivable:sandbox 12000',
    'capture revenue:fees -500',
    'capture liability:taxes -1500',
    'capture revenue:fares -10000',
    'cancellation revenue:fares 10000',
    'cancellation liability:taxes 1500',
    'cancellation revenue:fees 500',
    'cancellation revenue:cancellation_fees -5000',
    'cancellation liability:refunds -7000',
    'refund liability:refunds 7000',
    'refund receivable:sandbox -7000',
  ]);
  expect(await journalOfBooking(db, request.bookingId)).toEqual(journal);
  expect(await journalOfBooking(db, 'NOSUCH')).toEqual([]);
});

function total(account: string, debits: number, credits: number) {
  return { account, currency: 'USD', debits, credits, balance: debits - credits };
}
