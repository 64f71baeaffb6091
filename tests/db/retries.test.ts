import { randomUUID } from 'node:crypto';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { recordPaymentRetry, recordRefundRetry } from '../../src/db/refunds/retries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';
import { eventsOf, externalPaymentFor, hold } from './inventory';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const retryOf = (messageId: string) => ({ requestedBy: 'op-7', note: 'It is back.', messageId });

test('a message leaves one entry, however often its activity is repeated; each message its own', async () => {
  const db = database.knex;
  const { bookingId } = await hold(db, await putFlightOnSale(db, { seats: 2 }));
  const payment = externalPaymentFor({ bookingId }, { amount: 1 });
  const terms = { reason: 'amount_mismatch', ourProviders: ['sandbox'] } as const;
  const { paymentId } = await recordUnappliedPayment(db, payment, terms);
  const before = await eventsOf(db, bookingId);

  await Promise.all([1, 2, 3].map(() => recordPaymentRetry(db, bookingId, retryOf('booking/one'))));
  await recordPaymentRetry(db, bookingId, retryOf('booking/two'));
  for (let time = 0; time < 2; time += 1)
    await recordRefundRetry(db, paymentId, retryOf('refund/one'));
  expect((await eventsOf(db, bookingId)).slice(before.length)).toEqual([
    'payment_retried',
    'payment_retried',
    'refund_retried',
  ]);
  expect(
    await db('booking_events').where({ booking_id: bookingId, type: 'refund_retried' }),
  ).toMatchObject([{ actor: 'op-7', reason: null, note: 'It is back.' }]);
});

test('money of which nobody knows what it was for has no booking whose history could tell', async () => {
  await recordRefundRetry(database.knex, randomUUID(), retryOf('refund/unknown'));
  expect(await database.knex('booking_events').where({ message_id: 'refund/unknown' })).toEqual([]);
});
