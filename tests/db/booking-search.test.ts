import { listBookings } from '../../src/db/bookings/booking-view';
import { reserve } from '../../src/db/bookings/reservations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, requestOf } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale } from '../support/itineraries';
import { terms } from './inventory';

/** Bookings are searched by indexes, however many there are. */

let database: TestDatabase;
let flightId: string;
let laterFlightId: string;

const EMAIL = 'ada@example.com';

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.knex;
  const { id } = await putFlightOnSale(db, { seats: 1 });
  flightId = id;
  await reserve(db, requestOf({ id }, { contactEmail: EMAIL }), terms());
  const trip = await putRoundTripOnSale(db);
  laterFlightId = trip.flightIds[2] ?? '';
  await reserve(db, itineraryRequest(trip.slices), terms());
});
afterAll(() => database.drop());

test.each<[string, () => object, number]>([
  ['family name', () => ({ familyName: 'LOVELÁCE' }), 2],
  ['address', () => ({ contactEmail: 'ADA@example.com' }), 1],
  ['address in other words', () => ({ contactEmail: '"a\\da"@example.com' }), 1],
  ['flight', () => ({ flightId }), 1],
  ['later flight', () => ({ flightId: laterFlightId }), 1],
])('a search by %s reads no table as a whole', async (_, criteria, count) => {
  await database.knex.transaction(async (trx) => {
    // As in a large table, where reading all of it is never the cheapest way.
    await trx.raw('SET LOCAL enable_seqscan = off');
    const found = await listBookings(trx, { customerId: null, limit: 10, ...criteria() });
    expect(found).toHaveLength(count);
    const { rows } = await trx.raw<{ rows: { relname: string; idx_scan: number }[] }>(
      `SELECT relname FROM pg_stat_xact_user_tables
       WHERE seq_scan > 0 AND relname IN ('bookings', 'passengers', 'booking_segments')`,
    );
    expect(rows).toEqual([]);
  });
});
