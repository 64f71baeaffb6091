import { chooseRoundTrips } from '../../bench/drive/itineraries';
import { sellAhead } from '../../bench/fill/sold-ahead';
import { auditBooks } from '../../src/db/audit/auditor';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import type { Db } from '../../src/db/connection';
import { putOnSale } from '../api/timetable';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE, putFlightOnSale } from '../support/flights';

/** What the benchmark writes and chooses, so that what it measures are bookings as in life. */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

test('bookings that are written ahead are sold and paid for, and break no rule', async () => {
  const flights = await Promise.all([6, 6].map((seats) => putFlightOnSale(db, { seats })));
  const ids = flights.map(({ id }) => id);
  const bookings = await sellAhead(db, { flights: ids, count: 6, ofFlight: 4 });
  const sold = await Promise.all(bookings.map((id) => readKnownBooking(db, id)));
  expect(sold.map(({ status }) => status)).toEqual(Array(6).fill('booked'));
  const ofFlights = ids.map((id) => sold.filter(({ flight }) => flight.id === id).length);
  expect(ofFlights).toEqual([4, 2]);
  for (const id of bookings) expect((await readSale(db, id))?.captured).toEqual(ADULT_PRICE);
  expect(await auditBooks(db)).toEqual([]);
});

test('of flights with too few free seats nothing is written', async () => {
  const { id } = await putFlightOnSale(db, { seats: 3 });
  const wanted = { flights: [id], count: 4, ofFlight: 10 };
  await expect(sellAhead(db, wanted)).rejects.toThrow('3 free seats, not 4');
  expect(await db('bookings').where({ flight_id: id })).toEqual([]);
});

test('a round trip of the benchmark connects in New York, there and back', async () => {
  const day = '2027-03-01';
  const cabins = [{ cabin: 'economy' as const, seats: 60, price: 12_000 }];
  const way = (from: string, to: string, time: string) => ({
    from,
    to,
    date: day,
    time,
    minutes: 120,
    cabins,
  });
  const flights = await putOnSale(db, [
    way('LAX', 'EWR', '06:00'),
    way('EWR', 'GRU', '10:00'),
    way('GRU', 'EWR', '14:00'),
    way('EWR', 'LAX', '18:00'),
    // Too soon after the second one has arrived at New York.
    way('EWR', 'LAX', '16:10'),
  ]);
  expect(await chooseRoundTrips(database.url)).toEqual([flights.slice(0, 4)]);
});
