import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { reserve } from '../../src/db/bookings/reservations';
import { failChange } from '../../src/db/changes/fail-change';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordVoid, startPayment } from '../../src/db/payments/card-payments';
import { applyScheduleChange, type NewScheduleChange } from '../../src/db/schedule-changes/apply';
import { makeOffer } from '../../src/db/schedule-changes/offers';
import { listUntold } from '../../src/db/schedule-changes/progress-view';
import type { SliceExchange } from '../../src/domain/changes/exchange';
import type { BookingRequest } from '../../src/temporal/contracts';
import { putOnSale } from '../api/timetable';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, seatsByState } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale, type RoundTrip } from '../support/itineraries';
import { eventsOf, settleWithProvider, terms } from './inventory';
import { beginChange, changeBy, quoteChange } from './making-changes';

/** What the airline does to flights of a booking, and the changes that follow or meet it. */

const HOUR_MS = 60 * 60_000;
const NOW = new Date();

let database: TestDatabase;
let db: Db;
let trip: RoundTrip;
let booking: BookingRequest;
/** From Los Angeles to Newark, dearer than the last flight by 40 dollars; that way a week later. */
let dear: string;
let later: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

beforeEach(async () => {
  trip = await putRoundTripOnSale(db);
  const flights = [
    { from: 'LAX', to: 'EWR', date: '2027-03-08', time: '17:00', price: 19_000 },
    { from: 'GRU', to: 'LAX', date: '2027-03-15', time: '08:00', price: 14_000 },
    { from: 'LAX', to: 'EWR', date: '2027-03-15', time: '17:00', price: 19_000 },
  ];
  [dear = '', ...later] = await putOnSale(
    db,
    flights.map(({ price, ...flight }) => ({
      ...flight,
      cabins: [{ cabin: 'economy' as const, seats: 2, price }],
    })),
  );
  booking = itineraryRequest(trip.slices);
  expect(await reserve(db, booking, terms())).toMatchObject({ outcome: 'held' });
  const payment = paymentFor(booking, { amount: 54_000 });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);
});

const flightOf = (index: number) => trip.flightIds[index] ?? '';
/** The way back, by another last flight. */
const back = (last: string): SliceExchange[] => [{ replaces: 1, flightIds: [flightOf(2), last] }];

async function apply(
  flightId: string,
  change: NewScheduleChange['change'] = { kind: 'cancelled' },
): Promise<string> {
  const id = randomUUID();
  const order = { reason: 'Fog.', requestedBy: 'operator-1', fingerprint: 'of-the-order' };
  await applyScheduleChange(db, { id, flightId, change, ...order }, NOW);
  return id;
}

async function movedBy(hours: number, flightId: string): Promise<NewScheduleChange['change']> {
  const flight = await db('flights').where({ id: flightId }).first();
  if (flight === undefined) throw new Error('no such flight');
  const moved = (instant: Date) => new Date(instant.getTime() + hours * HOUR_MS);
  return {
    kind: 'moved',
    departureAt: moved(flight.departure_at),
    arrivalAt: moved(flight.arrival_at),
  };
}

async function disrupt(flightId: string): Promise<string> {
  const id = await apply(flightId);
  expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({ kind: 'offered' });
  return id;
}

async function change(exchanges: SliceExchange[], at = NOW) {
  const quote = await quoteChange(db, booking, exchanges, at);
  const wanted = changeBy(booking, quote);
  return { quote, wanted, ...(await beginChange(db, wanted, at)) };
}

async function expectCleanBooks(): Promise<void> {
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
}

test('a cancelled flight is exchanged for another on its route at no cost, and the offer ends', async () => {
  const scheduleChangeId = await disrupt(flightOf(3));
  const { quote, complete } = await change(back(dear));
  expect(quote).toMatchObject({
    ...{ newTotal: { amount: 54_000 }, difference: { amount: 0 }, fee: { amount: 0 } },
    ...{ toPay: { amount: 0 }, toRefund: { amount: 0 } },
  });
  await complete();
  const now = await readKnownBooking(db, booking.bookingId);
  expect(now).toMatchObject({
    price: { amount: 54_000 },
    scheduleChange: { id: scheduleChangeId, actionTaken: 'changed', availableActions: [] },
  });
  expect(now.slices?.[1]?.segments[1]).toMatchObject({ id: dear, status: 'confirmed' });
  expect(await eventsOf(db, booking.bookingId)).toContain('changed');
  await expectCleanBooks();
});

test('more than three days later it costs the difference of the fares, and no fee', async () => {
  await disrupt(flightOf(3));
  const { quote, complete } = await change([{ replaces: 1, flightIds: later }]);
  expect(quote).toMatchObject({
    ...{ difference: { amount: 4_000 }, fee: { amount: 0 }, toPay: { amount: 4_000 } },
  });
  await complete();
  await expectCleanBooks();
});

test('a change that leaves a cancelled flight in the itinerary is refused', async () => {
  await disrupt(flightOf(0));
  await expect(quoteChange(db, booking, back(dear), NOW)).rejects.toMatchObject({
    code: 'flight_closed',
  });
});

test('a new flight that is cancelled while it is paid for is not sold; the booking is as before', async () => {
  const { wanted, complete } = await change(back(dear));
  const id = await apply(dear);
  expect(await listUntold(db, id, { after: null, limit: 10 })).toEqual([]);
  await expect(complete()).rejects.toMatchObject({ code: 'quote_expired' });
  const charge = await db('payments').where({ change_id: wanted.changeId }).first('id');
  await recordVoid(db, { paymentId: charge?.id ?? '', bookingId: booking.bookingId });
  await failChange(db, wanted, 'payment_not_completed');
  const now = await readKnownBooking(db, booking.bookingId);
  expect(now).toMatchObject({ price: { amount: 54_000 }, availableActions: ['cancel'] });
  expect(await seatsByState(db, dear)).toEqual({ free: 2, held: 0, sold: 0 });
  await expectCleanBooks();
});

test('a flight that stays and is moved meanwhile is offered afterwards, against the times known', async () => {
  const before = await db('flights')
    .where({ id: flightOf(0) })
    .first('departure_at');
  const { complete } = await change(back(dear));
  const id = await apply(flightOf(0), await movedBy(-4, flightOf(0)));
  await complete();
  expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({
    kind: 'offered',
    offer: { scheduleChangeId: id, isSignificant: true },
    booking: {
      scheduleChange: { before: [{ departureAt: before?.departure_at.toISOString() }, {}] },
    },
  });
  await expectCleanBooks();
});

test('a flight that goes and is cancelled meanwhile is nothing to the booking any more', async () => {
  const { complete } = await change(back(dear));
  await apply(flightOf(3));
  await complete();
  expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({ kind: 'settled' });
  await expectCleanBooks();
});

test('under way, what was not flown can be exchanged, and what was flown can not', async () => {
  await disrupt(flightOf(3));
  const wayHome = new Date('2027-03-05T00:00:00.000Z');
  const out = [{ replaces: 0, flightIds: [flightOf(1)] }, ...back(dear)];
  await expect(quoteChange(db, booking, out, wayHome)).rejects.toMatchObject({
    code: 'booking_not_changeable',
  });
  const { complete } = await change(back(dear), wayHome);
  await complete();
  expect(await readKnownBooking(db, booking.bookingId)).toMatchObject({
    scheduleChange: { actionTaken: 'changed' },
  });
});

test('of a change and a cancellation of its new flight, the one that is first counts', async () => {
  const { complete } = await change(back(dear));
  const [completed] = await Promise.allSettled([complete(), apply(dear)]);
  const told = await makeOffer(db, booking.bookingId, NOW);
  if (completed.status === 'fulfilled') expect(told).toMatchObject({ kind: 'offered' });
  else expect(completed.reason).toMatchObject({ code: 'quote_expired' });
});
