import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { flightScheduleActivities } from '../../src/activities/flight-schedule/activities';
import { archiveOldSeats } from '../../src/activities/flight-schedule/unsold-seats';
import { auditBooks } from '../../src/db/audit/auditor';
import { listSold } from '../../src/db/bookings/sold-view';
import type { Db } from '../../src/db/connection';
import { findFlight } from '../../src/db/flights/flight-view';
import { readSeatMap } from '../../src/db/seats/seat-map-view';
import type { ArchivedSeats } from '../../src/temporal/contracts/flight-schedule';
import { hold, sell, settleWithProvider } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, putFlightOnSale } from '../support/flights';

/** What becomes of seats that nobody bought, by a worker's role. */

let database: TestDatabase;
let db: Db;
let worker: Db;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  worker = database.as('worker');
});

afterEach(() => database.drop());

/** As if the flight had left so many days ago. */
async function letDepart({ id }: { id: string }, daysAgo: number): Promise<void> {
  await db.raw(
    `UPDATE flights SET departure_date = current_date - :daysAgo::integer,
       departure_at = now() - make_interval(days => :daysAgo),
       arrival_at = now() - make_interval(days => :daysAgo) + interval '3 hours' WHERE id = :id`,
    { id, daysAgo },
  );
}

async function archive(env = new MockActivityEnvironment()): Promise<ArchivedSeats> {
  const { archiveUnsoldSeats } = flightScheduleActivities({
    db: worker,
    scheduleDays: 1,
    hasScenarios: false,
  });
  return env.run<[], ArchivedSeats, typeof archiveUnsoldSeats>(archiveUnsoldSeats);
}

async function seatRowsOf({ id }: { id: string }): Promise<string[]> {
  return db('seats').where({ flight_id: id }).pluck('seat_number');
}

test('whatever was sold, map, flight, passenger list and audit are the same after archiving as before', async () => {
  const outcomes = fc.array(fc.constantFrom('sold', 'held', 'free'), {
    minLength: 0,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(outcomes, fc.integer({ min: 0, max: 20 }), async (wanted, daysAgo) => {
      const flight = await putFlightOnSale(db, { seats: 6 });
      for (const outcome of wanted) {
        if (outcome === 'sold') await sell(db, flight);
        if (outcome === 'held') await hold(db, flight);
      }
      await settleWithProvider(db);
      await letDepart(flight, daysAgo);
      const look = async () => ({
        map: await readSeatMap(db, flight.id),
        flight: await findFlight(db, flight.id),
        sold: await listSold(db, { flightId: flight.id }),
        audit: await auditBooks(db),
      });
      const before = await look();
      expect(before.audit).toEqual([]);
      const free = before.map.filter(({ available }) => available).length;

      const { seats } = await archive();

      expect(seats).toBe(daysAgo >= 7 ? free : 0);
      expect(await look()).toEqual(before);
      expect(await seatRowsOf(flight)).toHaveLength(daysAgo >= 7 ? 6 - free : 6);
    }),
    { numRuns: 12 },
  );
});

test('a seat that becomes free later is archived by the next run', async () => {
  const flight = await putFlightOnSale(db, { seats: 3 });
  const { bookingId } = await hold(db, flight);
  await letDepart(flight, 8);
  expect(await archive()).toEqual({ flights: 1, seats: 2 });
  await db.transaction(async (trx) => {
    const cancelled = { status: 'cancelled', cancellation_reason: 'payment_expired' } as const;
    await trx('bookings').where({ id: bookingId }).update(cancelled);
    await trx('seats').where({ booking_id: bookingId }).update({ state: 'free', booking_id: null });
  });
  expect(await archive()).toEqual({ flights: 1, seats: 1 });
  expect(await archive()).toEqual({ flights: 0, seats: 0 });
  expect(await readSeatMap(db, flight.id)).toHaveLength(3);
});

test('a run that is cut off is completed by the next, and two at once archive each seat once', async () => {
  const flights = [];
  for (let each = 0; each < 50; each += 1) {
    const flight = await putFlightOnSale(db, { seats: 2 });
    await letDepart(flight, 10);
    flights.push(flight);
  }
  const env = new MockActivityEnvironment();
  env.on('heartbeat', () => env.cancel('WORKER_SHUTDOWN'));
  await expect(archive(env)).rejects.toMatchObject({ name: 'CancelledFailure' });
  const { rows } = await db.raw<{ rows: [{ left: number }] }>('SELECT count(*) AS left FROM seats');
  expect(rows[0].left).toBeLessThan(100);
  expect(rows[0].left).toBeGreaterThan(0);

  const runs = await Promise.all(
    [1, 2].map(() => archiveOldSeats({ db: worker, now: new Date() })),
  );
  expect(runs.reduce((sum, { seats }) => sum + seats, 0)).toBe(rows[0].left);
  for (const { id } of flights) expect(await readSeatMap(db, id)).toHaveLength(2);
});

test('a worker can remove no seat that is on sale, and none that it does not archive', async () => {
  const coming = await putFlightOnSale(db, { seats: 2 });
  const gone = await putFlightOnSale(db, { seats: 2 });
  await letDepart(gone, 30);
  const archiving = `
    WITH removed AS (DELETE FROM seats WHERE flight_id = ? RETURNING flight_id, cabin, seat_number)
    INSERT INTO unsold_seats SELECT flight_id, cabin, array_agg(seat_number) FROM removed GROUP BY 1, 2`;
  const refused = { code: '23001' };
  await expect(worker.raw(archiving, [coming.id])).rejects.toMatchObject(refused);
  await expect(worker('seats').where({ flight_id: gone.id }).delete()).rejects.toMatchObject(
    refused,
  );
  await worker.raw(archiving, [gone.id]);
  expect(await seatRowsOf(gone)).toEqual([]);
  expect(await seatRowsOf(coming)).toHaveLength(2);
});

test.each([
  ['that is missing', '{1A}'],
  ['twice', '{1A,1B,1A}'],
  ['that has a row, too', '{1A,1C}'],
])('the audit finds a cabin whose archive has a seat %s', async (_fault, numbers) => {
  const flight = await putFlightOnSale(db, { seats: 3 });
  await hold(db, flight, { passengers: [adult('1C')] });
  await letDepart(flight, 8);
  await archive();
  expect(await auditBooks(db)).toEqual([]);
  await db.raw('UPDATE unsold_seats SET seat_numbers = CAST(? AS text[])', [numbers]);
  expect(await auditBooks(db)).not.toEqual([]);
});
