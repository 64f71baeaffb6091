import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import type { NewFlight } from '../../src/db/flights/new-flight';
import { addCarriersAndAirports, addFlights } from '../../src/db/flights/schedule';
import { createTestDatabase, type TestDatabase } from '../support/database';

/**
 * The owner of the test database is a superuser, for whom a load skips PostgreSQL's look-ups of
 * each seat's cabin; a worker may not skip them.
 */
const LOADERS = ['owner', 'worker'] as const;

const FOREIGN_KEY_VIOLATION = '23503';
const FARE = { base: 9_000, taxes: 675, fees: 325, currency: 'USD' };
const CONDITIONS = { refundable: true, cancellationFee: { amount: 5_000, currency: 'USD' } };

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  const airports = ['LHR', 'JFK'].map((iata) => ({ iata, name: iata, timeZone: 'Etc/UTC' }));
  await addCarriersAndAirports(db, [{ code: 'ZZ', name: 'Test Air' }], airports);
});

afterAll(() => database.drop());

const loaderOf = (who: (typeof LOADERS)[number]) => (who === 'owner' ? db : database.as('worker'));

let flights = 0;

/** A flight with a seat in each of two cabins. */
function flightWith(cabins: readonly ('economy' | 'first')[]): NewFlight {
  return {
    id: randomUUID(),
    carrierCode: 'ZZ',
    flightNumber: `ZZ${(flights += 1)}`,
    origin: 'LHR',
    destination: 'JFK',
    departureDate: '2027-03-01',
    departureAt: new Date('2027-03-01T12:00:00Z'),
    arrivalAt: new Date('2027-03-01T20:00:00Z'),
    aircraftModel: 'A320',
    distanceMiles: 3_451,
    cabins: cabins.map((cabin) => ({ cabin, seatCount: 1, fare: FARE, conditions: CONDITIONS })),
    seats: [
      { seatNumber: '1A', rowNumber: 1, cabin: 'first' },
      { seatNumber: '2A', rowNumber: 2, cabin: 'economy' },
    ],
  };
}

describe.each(LOADERS)('a load by the %s', (who) => {
  test('puts the seats of each flight on sale, and has the audit look at the flight', async () => {
    const loaded = [flightWith(['first', 'economy']), flightWith(['first', 'economy'])];
    await loaderOf(who).transaction((transaction) => addFlights(transaction, loaded));
    for (const { id } of loaded) {
      const seats = await db('seats').where('flight_id', id).orderBy('row_number');
      expect(seats).toMatchObject([
        { seat_number: '1A', cabin: 'first', state: 'free', booking_id: null },
        { seat_number: '2A', cabin: 'economy', state: 'free', booking_id: null },
      ]);
      expect(await db('audit_suspects').where('subject', id)).not.toEqual([]);
    }
  });

  test('stores nothing of a flight that lacks the cabin of one of its seats', async () => {
    const lacking = flightWith(['economy']);
    const load = loaderOf(who).transaction((transaction) => addFlights(transaction, [lacking]));
    await expect(load).rejects.toThrow('Bug: 1 seats for 1 flights of 2');
    expect(await db('flights').where('id', lacking.id)).toEqual([]);
  });

  test('leaves every check on, also for what its own transaction does next', async () => {
    const loaded = flightWith(['economy', 'first']);
    const seat = { flight_id: loaded.id, seat_number: '3A', row_number: 3, cabin: 'business' };
    const load = loaderOf(who).transaction(async (transaction) => {
      await addFlights(transaction, [loaded]);
      await transaction('seats').insert(seat);
    });
    await expect(load).rejects.toMatchObject({ code: FOREIGN_KEY_VIOLATION });
  });
});
