import { randomUUID } from 'node:crypto';
import { up as acceptChangedItineraries } from '../../migrations/20261128000100_accept_changed_itineraries';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { reserve } from '../../src/db/bookings/reservations';
import { failChange } from '../../src/db/changes/fail-change';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordVoid, startPayment } from '../../src/db/payments/card-payments';
import { applyScheduleChange, type NewScheduleChange } from '../../src/db/schedule-changes/apply';
import { acceptOffer, makeOffer } from '../../src/db/schedule-changes/offers';
import { previewScheduleChange } from '../../src/db/schedule-changes/preview-view';
import { listUntold } from '../../src/db/schedule-changes/progress-view';
import type { SliceExchange } from '../../src/domain/changes/exchange';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { putOnSale } from '../api/timetable';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale, seatsByState } from '../support/flights';
import {
  itineraryRequest,
  putRoundTripOnSale,
  type RoundTrip,
  WAY_BACK,
  YEAR,
} from '../support/itineraries';
import { untilWaiting } from '../support/rival';
import { eventsOf, sell, settleWithProvider, terms } from './inventory';
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
    { from: 'LAX', to: 'EWR', date: WAY_BACK, time: '17:00', price: 19_000 },
    { from: 'GRU', to: 'LAX', date: `${YEAR}-03-15`, time: '08:00', price: 14_000 },
    { from: 'LAX', to: 'EWR', date: `${YEAR}-03-15`, time: '17:00', price: 19_000 },
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
    newTotal: { amount: 54_000 },
    difference: { amount: 0 },
    fee: { amount: 0 },
    toPay: { amount: 0 },
    toRefund: { amount: 0 },
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
    difference: { amount: 4_000 },
    fee: { amount: 0 },
    toPay: { amount: 4_000 },
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

describe('after a small move that nobody had responded to', () => {
  const moveUnnoticed = async (flightId: string, hours: number) => {
    await apply(flightId, await movedBy(hours, flightId));
    await makeOffer(db, booking.bookingId, NOW);
    await acceptOffer(db, booking.bookingId, { by: null, at: NOW });
  };
  const exchange = async () => (await change(back(dear))).complete();

  test('a new flight is measured against what it was when it was taken', async () => {
    await moveUnnoticed(flightOf(3), 1);
    await exchange();
    await apply(dear, await movedBy(5, dear));
    expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({
      offer: { isSignificant: true },
    });
    await expectCleanBooks();
  });

  test('so is one that has stayed: who exchanged the other has accepted its new times', async () => {
    await moveUnnoticed(flightOf(0), -2);
    await exchange();
    await apply(flightOf(0), await movedBy(-2, flightOf(0)));
    expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({
      offer: { isSignificant: false },
    });
    await expectCleanBooks();
  });

  test('of a release that did not write it down, the next migration does', async () => {
    await moveUnnoticed(flightOf(3), 1);
    const before = await db('booking_schedule_changes')
      .where({ booking_id: booking.bookingId })
      .first('accepted_times');
    await exchange();
    await db('booking_schedule_changes')
      .where({ booking_id: booking.bookingId })
      .update({ accepted_times: JSON.stringify(before?.accepted_times) });
    await acceptChangedItineraries(db);
    await apply(dear, await movedBy(5, dear));
    expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({
      offer: { isSignificant: true },
    });
  });
});

test('a flight that stays is measured against the times known, though the other schedule change ends', async () => {
  const { complete } = await change(back(dear));
  await apply(flightOf(0), await movedBy(-4, flightOf(0)));
  await apply(flightOf(3));
  await complete();
  await apply(dear, await movedBy(1, dear));
  expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({
    offer: { isSignificant: true },
  });
  await expectCleanBooks();
});

test('a dry run counts what would go back: of whoever has flown out, the rest, and of nobody else', async () => {
  await change(back(dear));
  const last = await previewScheduleChange(
    db,
    { flightId: flightOf(3), change: { kind: 'cancelled' } },
    new Date(`${YEAR}-03-05T00:00:00.000Z`),
  );
  expect(last).toMatchObject({ paid: 1, refundable: 1, refunds: [{ amount: 14_000 + 15_000 }] });
  const wanted = { flightId: dear, change: { kind: 'cancelled' } } as const;
  expect(await previewScheduleChange(db, wanted, NOW)).toMatchObject({ unpaid: 0, paid: 0 });
});

test('a flight that goes and is cancelled meanwhile is nothing to the booking any more', async () => {
  const { complete } = await change(back(dear));
  await apply(flightOf(3));
  await complete();
  expect(await makeOffer(db, booking.bookingId, NOW)).toMatchObject({ kind: 'settled' });
  await expectCleanBooks();
});

test('so is one that is cancelled in the moment in which it goes', async () => {
  const { wanted, complete } = await change(back(dear));
  let completing: Promise<unknown> | undefined;
  let applying: Promise<string> | undefined;
  await db.transaction(async (rival) => {
    await rival('payments').where({ change_id: wanted.changeId }).forUpdate().first('id');
    completing = complete();
    await untilWaiting(db);
    applying = apply(flightOf(3));
    await untilWaiting(db, 2);
  });
  await completing;
  expect(await listUntold(db, (await applying) ?? '', { after: null, limit: 10 })).toEqual([]);
  await expectCleanBooks();
});

test('two flights that are cancelled at once, each wanted by a booking of the other, wait in turn', async () => {
  const other = itineraryRequest([...trip.slices.slice(0, 1), { flightIds: [flightOf(2), dear] }]);
  await reserve(db, other, terms());
  const payment = paymentFor(other, { amount: 58_000 });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);
  await change(back(dear));
  const quote = await quoteChange(db, other, back(flightOf(3)), NOW);
  await beginChange(db, changeBy(other, quote), NOW);
  let applying: Promise<string>[] = [];
  await db.transaction(async (rival) => {
    const ids = [booking.bookingId, other.bookingId];
    await rival('bookings').whereIn('id', ids).forUpdate().select('id');
    applying = [apply(dear), apply(flightOf(3))];
    await untilWaiting(db, 2);
  });
  const affected = await Promise.all(
    applying.map(async (id) => listUntold(db, await id, { after: null, limit: 10 })),
  );
  expect(affected).toEqual([[other.bookingId], [booking.bookingId]]);
});

test('two flights that share their bookings lock them in one order: who waits for the first has no other', async () => {
  const flights = await putOnSale(
    db,
    [
      { from: 'EWR', to: 'LAX', date: `${YEAR}-03-22`, time: '08:00' },
      { from: 'LAX', to: 'EWR', date: `${YEAR}-03-29`, time: '08:00' },
    ].map((flight) => ({
      ...flight,
      cabins: [{ cabin: 'economy' as const, seats: 16, price: 10_000 }],
    })),
  );
  const ids: string[] = [];
  for (let count = 0; count < 16; count += 1) {
    const request = itineraryRequest(flights.map((id) => ({ flightIds: [id] })));
    expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'held' });
    ids.push(request.bookingId);
  }
  const [first = '', ...others] = ids.sort();
  const lock = (trx: Db, some: string[]) =>
    trx('bookings').whereIn('id', some).forUpdate().noWait().select('id');
  let applying: Promise<string>[] = [];
  await db.transaction(async (rival) => {
    await lock(rival, [first]);
    applying = flights.map((flightId) => apply(flightId));
    await untilWaiting(db, 2);
    expect(await db.transaction((trx) => lock(trx, others))).toHaveLength(15);
  });
  for (const id of applying)
    expect(await listUntold(db, await id, { after: null, limit: 20 })).toHaveLength(16);
});

test('a changed booking of one flight that the airline ends gets back what it cost', async () => {
  const [first, second] = [
    await putFlightOnSale(db, { seats: 6 }),
    await putFlightOnSale(db, { seats: 6 }),
  ];
  const { request } = await sell(db, first);
  const quote = await quoteChange(db, request, [{ replaces: 0, flightIds: [second.id] }], NOW);
  await (await beginChange(db, changeBy(request, quote), NOW)).complete();
  await apply(second.id);
  await makeOffer(db, request.bookingId, NOW);
  const { booking: cancelled } = await cancelBookedBooking(db, request.bookingId, {
    asOperator: false,
    actor: 'system',
    because: 'flight_cancelled',
    requestedAt: NOW,
    ourProviders: ['sandbox'],
  });
  expect(cancelled.refund).toMatchObject({ amount: 12_000 });
  await expectCleanBooks();
});

test('under way, what was not flown can be exchanged, and what was flown can not', async () => {
  await disrupt(flightOf(3));
  const wayHome = new Date(`${YEAR}-03-05T00:00:00.000Z`);
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
