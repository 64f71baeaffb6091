import { down, up } from '../../migrations/20261128000300_find_refusals_to_erase';
import { reserve } from '../../src/db/bookings/reservations';
import { chargeOf, startChangePayment } from '../../src/db/changes/charge';
import { declineChange } from '../../src/db/changes/fail-change';
import { holdChange } from '../../src/db/changes/hold-change';
import type { Db } from '../../src/db/connection';
import type { Decision, IdempotencyKey } from '../../src/db/idempotency/outcome';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import { chooseSeats } from '../../src/db/passengers/choose-seats';
import { correctName } from '../../src/db/passengers/correct-name';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordDecline, startPayment } from '../../src/db/payments/card-payments';
import { eraseBookings } from '../../src/db/personal-data/erase-bookings';
import { passengerIdOf } from '../../src/domain/passenger-id';
import type { BookingChange } from '../../src/temporal/contracts/change';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adults, paymentFor, putFlightOnSale, requestOf } from '../support/flights';
import { findInTables } from '../support/planted-words';
import { hold, sell, terms } from './inventory';
import { beginChange, changeBy, quoteChange } from './making-changes';

/** Of an erased booking no digest is left by which names could be guessed, whatever a key is bound to. */

let database: TestDatabase;
let db: Db;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
});
afterEach(() => database.drop());

/** Of requests that name passengers. */
const DIGEST = 'digest-of-names';

interface Bound {
  bookingId: string;
  key: IdempotencyKey;
}

const boundBy = ({ bookingId, customerId: callerId, idempotencyKey }: BookingRequest): Bound => ({
  bookingId,
  key: { callerId, route: 'bookings', key: idempotencyKey ?? '' },
});

async function refused(details: Partial<BookingRequest> = {}): Promise<Bound> {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = requestOf(flight, { fingerprint: DIGEST, passengers: adults(2), ...details });
  expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'refused' });
  return boundBy(request);
}

const rowOf = ({ callerId: caller_id, route, key }: IdempotencyKey) =>
  db('idempotency_outcomes').where({ caller_id, route, key });

/** A refusal as earlier releases wrote it: it doesn't say which booking was refused. */
async function refusedBefore(details: Partial<BookingRequest> = {}): Promise<Bound> {
  const bound = await refused(details);
  await rowOf(bound.key).update({
    body: JSON.stringify({ code: 'seats_unavailable', detail: 'None is left.' }),
  });
  return bound;
}

async function paid(isDeclined: boolean): Promise<Bound> {
  const { bookingId, customerId } = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = paymentFor({ bookingId, customerId });
  await startPayment(db, payment, 'sandbox');
  if (isDeclined) await recordDecline(db, payment, 'insufficient_funds');
  else await confirmWithCardPayment(db, payment);
  const key = { callerId: customerId, route: 'payments', key: payment.idempotencyKey } as const;
  return { bookingId, key };
}

async function changed(finish: (change: BookingChange) => Promise<unknown>): Promise<Bound> {
  const { request } = await sell(db, await putFlightOnSale(db, { seats: 1 }));
  const { id } = await putFlightOnSale(db, { seats: 1 });
  const change = changeBy(
    request,
    await quoteChange(db, request, [{ replaces: 0, flightIds: [id] }]),
  );
  await finish(change);
  const { bookingId, requestedBy: callerId, idempotencyKey: key } = change;
  return { bookingId, key: { callerId, route: 'changes', key } };
}

async function amended(route: 'passengers' | 'seats'): Promise<Bound> {
  const flight = await putFlightOnSale(db, { seats: 2 });
  const { bookingId, customerId: callerId } = await hold(db, flight);
  const request = {
    requestedBy: callerId,
    asOperator: false,
    fingerprint: DIGEST,
    idempotencyKey: 'key',
    passengerId: passengerIdOf(bookingId, 0),
  };
  const seat = { passengerId: request.passengerId, flightId: flight.id, seatNumber: '1A' };
  if (route === 'seats')
    await chooseSeats(db, bookingId, { ...request, seats: [seat] }, new Date());
  else await correctName(db, bookingId, { ...request, familyName: 'Lovelase' }, new Date());
  return { bookingId, key: { callerId, route, key: 'key' } };
}

/**
 * How a key is bound to each kind of outcome, and what erasure does to it. What stays shows no
 * passenger, and neither did its request: they pay, and name a booking and a payment method.
 */
const KINDS: Record<
  Exclude<Decision['kind'], 'erased'>,
  { binds: (() => Promise<Bound>)[]; leaves: 'nothing' | 'everything' }
> = {
  booking_created: {
    binds: [
      async () =>
        boundBy(await hold(db, await putFlightOnSale(db, { seats: 1 }), { fingerprint: DIGEST })),
    ],
    leaves: 'nothing',
  },
  booking_refused: { binds: [refused, refusedBefore], leaves: 'nothing' },
  hold_limit_reached: {
    binds: [
      async () => {
        const bound = await refusedBefore();
        await rowOf(bound.key).update({ kind: 'hold_limit_reached' });
        return bound;
      },
    ],
    leaves: 'nothing',
  },
  booking_amended: {
    binds: [() => amended('passengers'), () => amended('seats')],
    leaves: 'nothing',
  },
  payment_captured: { binds: [() => paid(false)], leaves: 'everything' },
  payment_declined: { binds: [() => paid(true)], leaves: 'everything' },
  change_completed: {
    binds: [() => changed(async (change) => (await beginChange(db, change)).complete())],
    leaves: 'nothing',
  },
  change_declined: {
    binds: [
      () =>
        changed(async (change) => {
          const payment = chargeOf(change, await holdChange(db, change, new Date()));
          await startChangePayment(db, { ...change, payment }, 'sandbox');
          const { paymentId } = payment;
          await declineChange(db, change, { paymentId, declineCode: 'insufficient_funds' });
        }),
    ],
    leaves: 'everything',
  },
};

const ERASED = { kind: 'erased', fingerprint: '', body: null };

test.each(Object.entries(KINDS))(
  'a key that is bound to %s tells nothing of who travelled',
  async (kind, { binds, leaves }) => {
    for (const bind of binds) {
      const { bookingId, key } = await bind();
      const before = await findOutcome(db, key);
      expect(before).toMatchObject({ kind });
      await eraseBookings(db, [bookingId]);
      expect(await findOutcome(db, key)).toEqual(leaves === 'everything' ? before : ERASED);
      expect(await findInTables(db, [DIGEST])).toEqual([]);
    }
  },
);

test("a customer's other refusals stay, whichever release wrote them", async () => {
  const customerId = 'ada';
  for (const refuse of [refused, refusedBefore]) {
    const other = await refuse({ customerId });
    const { bookingId, key } = await refuse({ customerId });
    await eraseBookings(db, [bookingId]);
    expect(await findOutcome(db, key)).toEqual(ERASED);
    expect(await findOutcome(db, other.key)).toMatchObject({ fingerprint: DIGEST });
  }
});

test('of two refusals at the same moment each goes with its own booking', async () => {
  const customerId = 'grace';
  const [one, other] = [await refused({ customerId }), await refused({ customerId })];
  await db.raw(
    `UPDATE idempotency_outcomes o SET created_at = e.occurred_at FROM booking_events e
     WHERE o.caller_id = ? AND e.booking_id = ? AND e.type = 'seats_refused'`,
    [customerId, one.bookingId],
  );
  await eraseBookings(db, [one.bookingId]);
  expect(await findOutcome(db, one.key)).toEqual(ERASED);
  expect(await findOutcome(db, other.key)).toMatchObject({ fingerprint: DIGEST });
});

test('what an earlier release left of bookings that it erased goes with the migration', async () => {
  const [erased, other] = [await refusedBefore(), await refusedBefore()];
  await db('bookings').where({ id: erased.bookingId }).update({ erased_at: new Date() });
  await down(db);
  await up(db);
  expect(await findOutcome(db, erased.key)).toEqual(ERASED);
  expect(await findOutcome(db, other.key)).toMatchObject({ fingerprint: DIGEST });
});

test('what erasing a refusal costs does not grow with the keys of its customer', async () => {
  const bounds = [
    await refused({ customerId: 'agency' }),
    await refusedBefore({ customerId: 'agency' }),
  ];
  await db.raw(
    `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, body, created_at)
     SELECT 'agency', 'bookings', n, 'digest', 'booking_refused', '{"code":"seats_unavailable"}',
       now() - n * interval '1 second' FROM generate_series(1, 2000) n`,
  );
  await db.raw('ANALYZE idempotency_outcomes');
  await db.transaction(async (trx) => {
    await eraseBookings(
      trx,
      bounds.map(({ bookingId }) => bookingId),
    );
    const { rows } = await trx.raw<{ rows: { read: number }[] }>(
      `SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables
       WHERE relname = 'idempotency_outcomes'`,
    );
    expect(rows[0]?.read).toBeLessThan(20);
  });
});
