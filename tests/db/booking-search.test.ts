import { explain } from '../../bench/measure/plan';
import { listBookings, type BookingFilter } from '../../src/db/bookings/booking-view';
import { reserve } from '../../src/db/bookings/reservations';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, putFlightOnSale, requestOf } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale } from '../support/itineraries';
import { terms } from './inventory';

/** What a search or a list reads doesn't grow with the number of bookings. */

let database: TestDatabase;
let single: BookingRequest;
let laterFlightId: string;

const EMAIL = 'ada@example.com';

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.knex;
  single = requestOf(await putFlightOnSale(db, { seats: 1 }), { contactEmail: EMAIL });
  await reserve(db, single, terms());
  const trip = await putRoundTripOnSale(db);
  laterFlightId = trip.flightIds[2] ?? '';
  await reserve(db, itineraryRequest(trip.slices), terms());
  await addCrowd();
});
afterAll(() => database.drop());

const CROWD = 10_000;

/** Adds many bookings of other people, of one itinerary. */
async function addCrowd(): Promise<void> {
  const db = database.knex;
  const { slices } = await putRoundTripOnSale(db);
  const one = {
    ...itineraryRequest(slices),
    contactEmail: 'crowd@example.com',
    passengers: [{ ...adult(), familyName: 'Crowd' }],
  };
  await reserve(db, one, terms());
  await db.transaction(async (trx) => {
    // The seats that they would need don't matter here.
    await trx.raw('SET LOCAL session_replication_role = replica');
    await trx.raw(
      `CREATE TEMP TABLE crowd ON COMMIT DROP AS
       SELECT gen_random_uuid() AS id, n FROM generate_series(1, ${CROWD}) AS n`,
    );
    for (const [table, idColumn, differs] of [
      [
        'bookings',
        'id',
        `'customer_id', 'crowd-' || n, 'contact_email', 'crowd-' || n || '@example.com',
         'reference', translate(lpad(n::text, 6, '0'), '0123456789', '23456789XY')`,
      ],
      ['passengers', 'booking_id', `'family_name', 'Crowd-' || n`],
      ['booking_segments', 'booking_id', ''],
    ] as const)
      await trx.raw(
        `INSERT INTO ${table} SELECT (jsonb_populate_record(one,
           jsonb_build_object('${idColumn}', crowd.id) || jsonb_build_object(${differs}))).*
         FROM ${table} AS one, crowd WHERE one.${idColumn} = ?`,
        [one.bookingId],
      );
  });
  await db.raw('VACUUM ANALYZE bookings, passengers, booking_segments');
}

/** Of 8 kB. A table of all these bookings has hundreds, and to join them all takes thousands. */
const FEW_PAGES = 100;

test.each<[string, () => Partial<BookingFilter>, number]>([
  ['family name', () => ({ familyName: 'LOVELÁCE' }), 2],
  ['address', () => ({ contactEmail: 'ADA@example.com' }), 1],
  ['address in other words', () => ({ contactEmail: '"a\\da"@example.com' }), 1],
  ['flight', () => ({ flightId: single.flightId }), 1],
  ['later flight', () => ({ flightId: laterFlightId }), 1],
  ['reference', () => ({ reference: '222223' }), 1],
  ['customer', () => ({ customerId: 'crowd-7' }), 1],
  ['age alone', () => ({ limit: 1 }), 1],
])('a search by %s reads no table as a whole', async (_, criteria, count) => {
  const filter = { customerId: null, limit: 10, ...criteria() };
  expect(await listBookings(database.knex, filter)).toHaveLength(count);
  const { buffers } = await explain(database.knex, (db) => listBookings(db, filter));
  expect(buffers).toBeLessThan(FEW_PAGES);
});
