import { randomUUID } from 'node:crypto';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { recordDecline, recordVoid, startPayment } from '../../src/db/payments/card-payments';
import type { CancellationReason } from '../../src/domain/booking';
import { SYSTEM } from '../../src/domain/booking-event';
import type { BookingRequest, CardPayment } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale, requestOf, type FlightOnSale } from '../support/flights';
import { externalPaymentFor, hold, sell, terms } from './inventory';

/**
 * Seats are not kept off sale for nothing, nor stolen cards tried out, however a customer spreads
 * it.
 */

let database: TestDatabase;
let flight: FlightOnSale;
let customerId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  customerId = `customer-${randomUUID()}`;
  flight = await putFlightOnSale(database.knex, { seats: 60 });
});

const HOUR_MS = 60 * 60 * 1000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

interface LetGo {
  reason?: CancellationReason;
  requestedAt?: Date;
  on?: FlightOnSale;
  before?: (request: BookingRequest) => Promise<unknown>;
}

/** Holds a seat, then lets it go. */
async function letGo({
  reason = 'payment_expired',
  requestedAt = new Date(),
  on = flight,
  before = () => Promise.resolve(),
}: LetGo = {}): Promise<void> {
  const db = database.knex;
  const request = requestOf(on, { customerId });
  // With limits out of the way: what counts is what the next claim finds.
  const held = await reserve(db, request, terms({ requestedAt, ...NO_LIMITS }));
  expect(held.outcome).toBe('held');
  await before(request);
  await cancelUnpaidBooking(db, request, { reason, actor: customerId, requestedAt });
}

const NO_LIMITS = { maxUnpaidHoldsPerFlight: 1000, maxUnpaidHoldsPerDay: 1000 };

const claim = (details: Partial<BookingRequest> = {}, on = flight) =>
  reserve(database.knex, requestOf(on, { customerId, ...details }), terms());

/** Counted as held or refused; a refusal leaves no row. */
const outcomeOf = async (...args: Parameters<typeof claim>) => (await claim(...args)).outcome;

describe('holds that a customer let go of unpaid', () => {
  test.each(['payment_expired', 'customer_request'] as const)(
    'limit the next on the flight: %s',
    async (reason) => {
      for (let count = 0; count < 3; count += 1) {
        const { outcome } = await reserve(
          database.knex,
          requestOf(flight, { customerId }),
          terms({ maxUnpaidHoldsPerFlight: 4 }),
        );
        expect(outcome).toBe('held');
        await letGo({ reason });
      }
      expect(await claim()).toMatchObject({ outcome: 'refused', code: 'too_many_holds' });
      const other = await putFlightOnSale(database.knex, { seats: 6 });
      expect(await outcomeOf({}, other)).toBe('held');
      expect(await outcomeOf({ customerId: `customer-${randomUUID()}` })).toBe('held');
    },
  );

  test('are waited for until the oldest that stands in the way is a day old', async () => {
    const ages = [20, 10, 5, 1];
    for (const age of ages) await letGo({ requestedAt: hoursAgo(age) });
    const refused = await claim();
    if (refused.outcome !== 'refused') throw new Error('Bug: not refused');
    // Two have to go: that of 20 hours ago, and that of 10.
    const hours = (Date.parse(refused.retryAt ?? '') - Date.now()) / HOUR_MS;
    expect(hours).toBeCloseTo(14, 1);
  });

  test('count for a day, and no longer', async () => {
    for (let count = 0; count < 5; count += 1) await letGo({ requestedAt: hoursAgo(24.01) });
    expect(await outcomeOf()).toBe('held');
  });

  test('count over all flights, too', async () => {
    for (let count = 0; count < 20; count += 1) {
      const on = await putFlightOnSale(database.knex, { seats: 6 });
      await letGo({ on });
    }
    expect(await claim()).toMatchObject({ outcome: 'refused', code: 'too_many_holds' });
  });

  test.each(['operator_request', 'reservation_failed'] as const)(
    'are the customer’s own doing: %s is not',
    async (reason) => {
      for (let count = 0; count < 4; count += 1) await letGo({ reason });
      expect(await outcomeOf()).toBe('held');
    },
  );

  test('don’t count where a payment failed on our side, or came too late', async () => {
    const { knex: db } = database;
    const voided = async (request: BookingRequest) => {
      const payment = paymentFor(request);
      await startPayment(db, payment, 'sandbox');
      await recordVoid(db, payment);
    };
    const late = (request: BookingRequest) =>
      recordUnappliedPayment(db, externalPaymentFor(request), {
        reason: 'late',
        ourProviders: ['sandbox'],
      });
    for (const before of [voided, voided, voided, late, late, late]) await letGo({ before });
    expect(await outcomeOf()).toBe('held');
  });

  test.each(['not_confirmed', 'declined'] as const)(
    'count although a payment was begun that its customer let go of: %s',
    async (reason) => {
      const unanswered = async (request: BookingRequest) => {
        const payment = paymentFor(request);
        await startPayment(database.knex, payment, 'sandbox');
        await recordVoid(database.knex, payment, { actor: SYSTEM, reason });
      };
      for (let count = 0; count < 3; count += 1) await letGo({ before: unanswered });
      expect(await outcomeOf()).toBe('refused');
    },
  );

  test('count although cards were declined for them', async () => {
    for (let count = 0; count < 3; count += 1) await letGo({ before: (one) => declined(one) });
    expect(await outcomeOf()).toBe('refused');
  });

  test('a reseller may let go of more, in proportion to what they may hold', async () => {
    for (let count = 0; count < 5; count += 1) await letGo();
    expect(await outcomeOf({ maxOpenHolds: 19 })).toBe('refused');
    expect(await outcomeOf({ maxOpenHolds: 20 })).toBe('held');
  });

  test('a reseller’s claim is the number of holds that they may have open', async () => {
    for (let count = 0; count < 12; count += 1)
      expect(await outcomeOf({ maxOpenHolds: 12 })).toBe('held');
    expect(await outcomeOf({ maxOpenHolds: 12 })).toBe('refused');
    expect(await outcomeOf({ maxOpenHolds: 13 })).toBe('held');
  });
});

/** A charge of the booking that the bank says no to. */
async function declined(request: BookingRequest): Promise<CardPayment> {
  const payment = paymentFor(request);
  await startPayment(database.knex, payment, 'sandbox', 1_000);
  await recordDecline(database.knex, payment, 'do_not_honor');
  return payment;
}

describe('cards that were declined', () => {
  const pay = (request: BookingRequest, limit = 3) =>
    startPayment(database.knex, paymentFor(request), 'sandbox', limit);

  test('over several bookings keep a customer from trying another, before anything is charged', async () => {
    for (let count = 0; count < 3; count += 1)
      await declined(await hold(database.knex, flight, { customerId }));
    const next = await hold(database.knex, flight, { customerId });
    const refusal = await pay(next).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'rate_limited' });
    const { retryAt } = refusal as { retryAt: Date };
    expect((retryAt.getTime() - Date.now()) / HOUR_MS).toBeCloseTo(1, 1);
    expect(await database.knex('payments').where({ booking_id: next.bookingId })).toEqual([]);
    // Whoever else has a card that works.
    await pay(await hold(database.knex, flight));
  });

  test('count for an hour, and no longer', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1)
      ids.push((await declined(await hold(database.knex, flight, { customerId }))).paymentId);
    const next = await hold(database.knex, flight, { customerId });
    await database
      .knex('payments')
      .whereIn('id', ids)
      .update({ created_at: hoursAgo(1.01) });
    await pay(next);
  });

  test('keep nobody from a payment that is on record as begun', async () => {
    const request = await hold(database.knex, flight, { customerId });
    const payment = paymentFor(request);
    await startPayment(database.knex, payment, 'sandbox', 1);
    await declined(await hold(database.knex, flight, { customerId }));
    await startPayment(database.knex, payment, 'sandbox', 1);
  });
});

test('limits are looked up in indexes, however long a customer’s history is', async () => {
  const { knex: db } = database;
  await sell(db, flight);
  // Of a table with a few rows PostgreSQL would read them all.
  const plan = (sql: string) =>
    db.transaction(async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      return JSON.stringify((await trx.raw<{ rows: unknown[] }>(`EXPLAIN ${sql}`)).rows);
    });
  expect(
    await plan(`SELECT payment_required_by FROM bookings
      WHERE customer_id = 'c' AND status = 'pending' ORDER BY payment_required_by DESC OFFSET 9 LIMIT 1`),
  ).toContain('bookings_open_holds_by_end');
  expect(
    await plan(`SELECT created_at FROM bookings WHERE customer_id = 'c' AND status = 'cancelled'
      AND created_at > now() - interval '1 day'
      AND cancellation_reason IN ('payment_expired', 'customer_request')
      ORDER BY created_at DESC OFFSET 19 LIMIT 1`),
  ).toContain('bookings_let_go');
  expect(
    await plan(`SELECT created_at FROM payments WHERE customer_id = 'c' AND status = 'declined'
      AND created_at > now() - interval '1 hour' ORDER BY created_at DESC OFFSET 19 LIMIT 1`),
  ).toContain('payments_declined');
});
