import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Db } from '../../src/db/connection';
import { BOOKING_STATUSES, canBecome, type BookingStatus } from '../../src/domain/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { hold, sell } from './inventory';

/** What PostgreSQL calls the refusals of its rules. */
const CHECK_VIOLATION = '23514';
const UNIQUE_VIOLATION = '23505';
const RESTRICT_VIOLATION = '23001';

let database: TestDatabase;
let db: Db;
let flight: FlightOnSale;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  flight = await putFlightOnSale(db, { seats: 60 });
});

afterAll(() => database.drop());

describe('a booking and its seats always agree', () => {
  test('a pending booking can’t lose a seat', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ booking_id: bookingId }).update({ state: 'free', booking_id: null }),
    );
  });

  test('a cancelled booking can’t keep a seat', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('bookings')
        .where({ id: bookingId })
        .update({ status: 'cancelled', cancellation_reason: 'customer_request' }),
    );
  });

  test('a booking can’t take a seat beyond those it is for', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      const [seat] = await trx('seats').where({ flight_id: flight.id, state: 'free' }).limit(1);
      await trx('seats')
        .where({ flight_id: flight.id, seat_number: seat?.seat_number ?? '' })
        .update({ state: 'held', booking_id: bookingId });
    });
  });

  test('a seat can’t be sold to a booking that is only pending', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ booking_id: bookingId }).update({ state: 'sold' }),
    );
  });

  test('a seat can’t be taken over from another booking', async () => {
    const [one, other] = [await hold(db, flight), await hold(db, flight)];
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ booking_id: one.bookingId }).update({ booking_id: other.bookingId }),
    );
  });

  test('a seat can’t be held by nobody, nor be free and owned', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ flight_id: flight.id, state: 'free' }).update({ state: 'held' }),
    );
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ booking_id: bookingId }).update({ state: 'free' }),
    );
  });

  test('a booking can’t own a seat of another flight', async () => {
    const other = await putFlightOnSale(db, { seats: 1 });
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('seats').where({ flight_id: other.id }).update({ state: 'held', booking_id: bookingId }),
    );
  });
});

describe('a booking’s status', () => {
  const pairs = BOOKING_STATUSES.flatMap((from) =>
    BOOKING_STATUSES.filter((to) => to !== from).map((to) => [from, to] as const),
  );

  test.each(pairs)(
    '%s → %s is refused by the database exactly where the code refuses it',
    async (from, to) => {
      const step = () => stepFrom(from, to);
      if (canBecome(from, to)) await expect(step()).resolves.toBeUndefined();
      else await expect(step()).rejects.toMatchObject({ code: CHECK_VIOLATION });
    },
  );

  /**
   * Writes the step with the triggers for the end of the transaction left out: they have tests of
   * their own.
   */
  async function stepFrom(from: BookingStatus, to: BookingStatus): Promise<void> {
    const trx = await db.transaction();
    try {
      const id = randomUUID();
      await trx('bookings').insert(bookingRow(id, from));
      await trx('bookings')
        .where({ id })
        .update({
          status: to,
          cancellation_reason: to === 'cancelled' ? 'customer_request' : null,
        });
    } finally {
      await trx.rollback();
    }
  }

  test('a booking is cancelled for a reason, and only then has one', async () => {
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('bookings').insert({
        ...bookingRow(randomUUID(), 'cancelled'),
        cancellation_reason: null,
      }),
    );
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('bookings').insert({
        ...bookingRow(randomUUID(), 'initiated'),
        cancellation_reason: 'payment_expired',
      }),
    );
  });

  test('a hold always has a deadline', async () => {
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('bookings').insert({ ...bookingRow(randomUUID(), 'pending'), payment_required_by: null }),
    );
  });
});

test('the price of a booking is the sum of its parts', async () => {
  await expectRefusal(CHECK_VIOLATION, (trx) =>
    trx('bookings').insert({ ...bookingRow(randomUUID(), 'initiated'), price_amount: 99 }),
  );
});

test('no two bookings have the same reference', async () => {
  const { bookingId } = await hold(db, flight);
  const booking = await db('bookings').where({ id: bookingId }).first();
  await expectRefusal(UNIQUE_VIOLATION, (trx) =>
    trx('bookings').insert({
      ...bookingRow(randomUUID(), 'initiated'),
      reference: booking?.reference ?? '',
    }),
  );
});

test('an infant can’t be given a seat', async () => {
  const { bookingId } = await hold(db, flight);
  await expectRefusal(CHECK_VIOLATION, (trx) =>
    trx('passengers').where({ booking_id: bookingId }).update({ type: 'infant' }),
  );
});

describe('money', () => {
  test('a booking can’t be booked without its payment', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      await trx('bookings').where({ id: bookingId }).update({ status: 'booked' });
      await trx('seats').where({ booking_id: bookingId }).update({ state: 'sold' });
    });
  });

  test('a booking can’t be booked for less than its price', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      await trx('bookings').where({ id: bookingId }).update({ status: 'booked' });
      await trx('seats').where({ booking_id: bookingId }).update({ state: 'sold' });
      await trx('payments').insert({ ...capture(bookingId), applied: true, amount: 11_999 });
    });
  });

  test('a payment can’t be applied to a booking that stays pending', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('payments').insert({ ...capture(bookingId), applied: true }),
    );
  });

  test('two payments can’t be applied to one booking', async () => {
    const { request } = await sell(db, flight);
    await expectRefusal(UNIQUE_VIOLATION, (trx) =>
      trx('payments').insert({ ...capture(request.bookingId), applied: true }),
    );
  });

  test('two charges of one booking can’t be under way', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(UNIQUE_VIOLATION, async (trx) => {
      const charge = { booking_id: bookingId, amount: 1, currency: 'USD', provider: 'sandbox' };
      await trx('payments').insert({ ...charge, id: randomUUID(), status: 'processing' });
      await trx('payments').insert({ ...charge, id: randomUUID(), status: 'authorized' });
    });
  });

  test('only a captured payment can be applied', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('payments').insert({
        ...capture(bookingId),
        status: 'authorized',
        captured_at: null,
        applied: true,
      }),
    );
  });

  test('a provider’s payment can’t be recorded twice', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(UNIQUE_VIOLATION, async (trx) => {
      await trx('payments').insert({ ...capture(bookingId), provider_payment_id: 'p-1' });
      await trx('payments').insert({ ...capture(bookingId), provider_payment_id: 'p-1' });
    });
  });

  test('one key of one customer can’t start two payments', async () => {
    const { bookingId, customerId } = await hold(db, flight);
    const keyed = { customer_id: customerId, idempotency_key: 'key-1', request_fingerprint: 'f' };
    await expectRefusal(UNIQUE_VIOLATION, async (trx) => {
      await trx('payments').insert({ ...capture(bookingId), ...keyed });
      await trx('payments').insert({ ...capture(bookingId), ...keyed });
    });
  });

  test('no more can go back than came in, nor in another currency', async () => {
    const { payment } = await sell(db, flight);
    const refund = {
      id: randomUUID(),
      payment_id: payment.paymentId,
      status: 'pending',
      reason: 'test',
    };
    for (const money of [
      { amount: 12_001, currency: 'USD' },
      { amount: 12_000, currency: 'EUR' },
    ]) {
      await expectRefusal(CHECK_VIOLATION, (trx) => trx('refunds').insert({ ...refund, ...money }));
    }
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      await trx('refunds').insert({ ...refund, amount: 1, currency: 'USD' });
      await trx('refunds').where({ id: refund.id }).update({ amount: 12_001 });
    });
  });

  test('what was never captured can’t be refunded', async () => {
    const { bookingId } = await hold(db, flight);
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      const payment = { ...capture(bookingId), status: 'processing', captured_at: null };
      await trx('payments').insert(payment);
      await trx('refunds').insert({
        id: randomUUID(),
        payment_id: payment.id,
        status: 'pending',
        amount: 1,
        currency: 'USD',
        reason: 'test',
      });
    });
  });
});

describe('the ledger', () => {
  test.each([
    ['doesn’t sum to zero', [100, -99]],
    ['has one side only', [100]],
    ['has no postings', []],
  ])('refuses a set that %s', async (_fault, amounts) => {
    const entry = await ledgerEntry();
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      await trx('ledger_transactions').insert(entry);
      for (const [index, amount] of amounts.entries()) {
        await trx('ledger_postings').insert({
          transaction_id: entry.id,
          account: `account-${String(index)}`,
          amount,
          currency: 'USD',
        });
      }
    });
  });

  test('refuses a set in two currencies', async () => {
    const entry = await ledgerEntry();
    await expectRefusal(CHECK_VIOLATION, async (trx) => {
      await trx('ledger_transactions').insert(entry);
      await trx('ledger_postings').insert([
        { transaction_id: entry.id, account: 'one', amount: 100, currency: 'USD' },
        { transaction_id: entry.id, account: 'other', amount: -100, currency: 'EUR' },
      ]);
    });
  });

  test('refuses a posting that comes later and unbalances its set', async () => {
    const { payment } = await sell(db, flight);
    const posted = await db('ledger_transactions').where({ payment_id: payment.paymentId }).first();
    await expectRefusal(CHECK_VIOLATION, (trx) =>
      trx('ledger_postings').insert({
        transaction_id: posted?.id ?? '',
        account: 'pocket',
        amount: -1,
        currency: 'USD',
      }),
    );
  });

  test.each([
    ['credits alone', [-60, -40]],
    ['a debit alone', [100]],
    ['both sides, which differ', [100, -60]],
  ])('refuses %s that come later, in the same transaction and in another', async (_what, added) => {
    for (const isChecked of [true, false]) {
      const entry = await ledgerEntry();
      const post = (trx: Db, amounts: number[]) =>
        trx('ledger_postings').insert(
          amounts.map((amount) => ({
            transaction_id: entry.id,
            account: `account${String(amount)}`,
            amount,
            currency: 'USD',
          })),
        );
      await expectRefusal(CHECK_VIOLATION, async (trx) => {
        await trx('ledger_transactions').insert(entry);
        await post(trx, [70, -70]);
        // What was checked before the others came must be looked at again.
        if (isChecked) await trx.raw('SET CONSTRAINTS ALL IMMEDIATE');
        await post(trx, added);
      });
    }
  });

  test('takes debits first and their credits in the next statement', async () => {
    const entry = await ledgerEntry();
    const posting = { transaction_id: entry.id, currency: 'USD' };
    await db.transaction(async (trx) => {
      await trx('ledger_transactions').insert(entry);
      await trx('ledger_postings').insert({ ...posting, account: 'debit', amount: 100 });
      await trx('ledger_postings').insert([
        { ...posting, account: 'one', amount: -60 },
        { ...posting, account: 'other', amount: -40 },
      ]);
    });
    expect(await db('ledger_postings').where(posting)).toHaveLength(3);
  });

  test('refuses a second capture of one payment', async () => {
    const { request, payment } = await sell(db, flight);
    await expectRefusal(UNIQUE_VIOLATION, (trx) =>
      trx('ledger_transactions').insert({
        id: randomUUID(),
        kind: 'capture',
        booking_id: request.bookingId,
        payment_id: payment.paymentId,
      }),
    );
  });

  async function ledgerEntry() {
    const { bookingId } = await hold(db, flight);
    const payment = capture(bookingId);
    await db('payments').insert(payment);
    return { id: randomUUID(), kind: 'capture', booking_id: bookingId, payment_id: payment.id };
  }
});

test.each(['booking_events', 'ledger_transactions', 'ledger_postings'])(
  'what is written in %s can be neither changed nor taken back',
  async (table) => {
    await sell(db, flight);
    await expectRefusal(RESTRICT_VIOLATION, (trx) => trx.raw(`DELETE FROM ${table}`));
    const column = {
      booking_events: 'actor',
      ledger_transactions: 'kind',
      ledger_postings: 'account',
    }[table];
    await expectRefusal(RESTRICT_VIOLATION, (trx) =>
      trx.raw(`UPDATE ${table} SET ${column ?? ''} = 'refund'`),
    );
  },
);

/**
 * Tries something in a transaction of its own, and expects PostgreSQL to refuse it, at the
 * statement or at commit.
 */
async function expectRefusal(
  code: string,
  attempt: (trx: Knex.Transaction) => Promise<unknown>,
): Promise<void> {
  await expect(db.transaction(attempt)).rejects.toMatchObject({ code });
}

function bookingRow(id: string, status: BookingStatus) {
  return {
    id,
    reference: 'ABCDEF',
    customer_id: 'customer-1',
    flight_id: flight.id,
    cabin: 'economy' as const,
    status,
    cancellation_reason: status === 'cancelled' ? 'customer_request' : null,
    seat_count: 1,
    base_amount: 100,
    taxes_amount: 0,
    fees_amount: 0,
    price_amount: 100,
    refundable: true,
    cancellation_fee_amount: 0,
    currency: 'USD',
    payment_required_by: new Date(),
    created_at: new Date(),
  };
}

function capture(bookingId: string) {
  return {
    id: randomUUID(),
    booking_id: bookingId,
    status: 'captured',
    amount: 12_000,
    currency: 'USD',
    provider: 'bank',
    captured_at: new Date(),
  };
}
