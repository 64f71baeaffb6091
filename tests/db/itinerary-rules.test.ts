import type { Knex } from 'knex';
import { auditBooks } from '../../src/db/audit/auditor';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale, type RoundTrip } from '../support/itineraries';
import { breakTheBooks } from './book-faults';
import { hold, terms } from './inventory';

/** What a booking of several flights and its parts must agree on. */

const CHECK_VIOLATION = '23514';

let database: TestDatabase;
let db: Db;
let trip: RoundTrip;
let other: FlightOnSale;
let bookingId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  other = await putFlightOnSale(db, { seats: 6 });
});

beforeEach(async () => {
  trip = await putRoundTripOnSale(db, 6);
  const request = itineraryRequest(trip.slices);
  ({ bookingId } = request);
  expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'held' });
});

afterAll(() => database.drop());

const first = () => ({ booking_id: bookingId, flight_id: trip.flightIds[0] });
const last = () => ({ booking_id: bookingId, flight_id: trip.flightIds[3] });

/** Each with the invariant that it violates. */
const FAULTS: [string, string, (trx: Db) => Promise<unknown>][] = [
  [
    'a flight without its seat',
    'of several flights a booking owns as many seats on each',
    (trx) => trx('seats').where(last()).update({ state: 'free', booking_id: null }),
  ],
  [
    'a seat of a flight that is not its own',
    'a held seat belongs to a pending booking, a sold one to a booked one',
    async (trx) => {
      await trx('seats').where(last()).update({ state: 'free', booking_id: null });
      await trx('seats')
        .where({ flight_id: other.id, seat_number: '1A' })
        .update({ state: 'held', booking_id: bookingId });
    },
  ],
  [
    'two seats on one flight, and none on another',
    'of several flights a booking owns as many seats on each',
    async (trx) => {
      await trx('seats').where(last()).update({ state: 'free', booking_id: null });
      await trx.raw(
        `UPDATE seats SET state = 'held', booking_id = :bookingId
         WHERE flight_id = :flightId AND seat_number = (
           SELECT min(seat_number) FROM seats WHERE flight_id = :flightId AND state = 'free')`,
        { bookingId, flightId: trip.flightIds[0] ?? '' },
      );
    },
  ],
  [
    'a flight fewer than it is for',
    'a booking of several flights is the sum of these',
    async (trx) => {
      await trx('passenger_seats').where(last()).delete();
      await trx('booking_segments').where(last()).delete();
    },
  ],
  [
    'a dearer flight',
    'a booking of several flights is the sum of these',
    (trx) => trx('booking_segments').where(last()).increment('base_amount', 1),
  ],
  [
    'a flight that gives nothing back, though the whole does',
    'a booking of several flights is the sum of these',
    (trx) => trx('booking_segments').where(last()).update({ refundable: false }),
  ],
  [
    'a flight with a higher fee than the whole',
    'a booking of several flights is the sum of these',
    (trx) => trx('booking_segments').where(last()).update({ cancellation_fee_amount: 90_000 }),
  ],
  [
    'another first flight than it says',
    'a booking of several flights is the sum of these',
    (trx) =>
      trx('bookings')
        .where({ id: bookingId })
        .update({ flight_id: trip.flightIds[1] ?? '' }),
  ],
  [
    'flights though it says that it is of one',
    'a booking of several flights is the sum of these',
    (trx) => trx('bookings').where({ id: bookingId }).update({ segment_count: 1 }),
  ],
];

test.each(FAULTS)(
  '%s is refused at commit, and found by the audit',
  async (_, invariant, fault) => {
    await expect(
      db.transaction(fault as (trx: Knex.Transaction) => Promise<unknown>),
    ).rejects.toMatchObject({ code: CHECK_VIOLATION });
    expect(await auditBooks(db)).toEqual([]);
    await breakTheBooks(db, fault);
    expect((await auditBooks(db)).map((broken) => broken.invariant)).toContain(invariant);
    await mend();
    expect(await auditBooks(db)).toEqual([]);
  },
);

test.each<[string, (trx: Db) => Promise<unknown>]>([
  [
    'in a seat that is not theirs on a later flight',
    (trx) => trx('passenger_seats').where(last()).update({ seat_number: '9A' }),
  ],
  ['without a seat on a later flight', (trx) => trx('passenger_seats').where(last()).delete()],
  [
    'in two seats of the first flight',
    (trx) => trx('passenger_seats').where(first()).update({ seat_number: '9A' }),
  ],
])('a passenger %s is found by the audit', async (_, fault) => {
  await breakTheBooks(db, fault);
  expect((await auditBooks(db)).map(({ invariant }) => invariant)).toEqual([
    'passengers sit in the seats of their booking',
  ]);
  await mend();
});

test('a booking of one flight has no others beside', async () => {
  const { bookingId: ofOne } = await hold(db, other);
  await expect(
    db.transaction((trx) =>
      trx.raw(
        `INSERT INTO booking_segments SELECT :ofOne, position, slice, flight_id, cabin, base_amount,
           taxes_amount, fees_amount, refundable, cancellation_fee_amount
         FROM booking_segments WHERE booking_id = :bookingId`,
        { ofOne, bookingId },
      ),
    ),
  ).rejects.toMatchObject({ code: CHECK_VIOLATION });
});

/** Takes the booking out of the books, with whatever a fault made of it. */
async function mend(): Promise<void> {
  await breakTheBooks(db, async (trx) => {
    await trx('seats').where({ booking_id: bookingId }).update({ state: 'free', booking_id: null });
    await trx('idempotency_outcomes').whereRaw("body ->> 'id' = ?", [bookingId]).delete();
    for (const table of [
      'passenger_seats',
      'booking_segments',
      'passengers',
      'booking_events',
    ] as const)
      await trx(table).where({ booking_id: bookingId }).delete();
    await trx('bookings').where({ id: bookingId }).delete();
  });
}
