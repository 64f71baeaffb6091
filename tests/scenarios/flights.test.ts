import { layOutDay } from '../../src/activities/flight-schedule/lay-out';
import { daysAfter, weekdayOf } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import { readWeek } from '../../src/activities/flight-schedule/week';
import { auditBooks } from '../../src/db/audit/auditor';
import { addCarriersAndAirports } from '../../src/db/flights/schedule';
import type { Booking } from '../../src/domain/booking';
import {
  MOVED_BY_MS,
  SCENARIO_FLIGHTS,
  SCENARIO_ROUTE,
  type ScenarioFlightNumber,
} from '../../src/domain/flight-schedule/scenario-flights';
import { openStorefront, type Storefront } from '../support/api';
import { adults } from '../support/flights';
import { STARTING_MS, untilSeen } from '../support/shop';
import { expectRefused, newKey, type Client, type Page } from '../api/client';

/** Each flight that is there to be tried out, found and booked as a shop does. */

const PRICE = { amount: 12_000, currency: 'USD' };

/** So near that by its fare a cancellation costs 25 dollars. */
const DATE = daysAfter(localDateOf(new Date(), SCENARIO_ROUTE.origin.timeZone), 3);
const NEXT_DATE = daysAfter(DATE, 1);

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront({ playsScenarios: true });
  const week = readWeek();
  await addCarriersAndAirports(store.db, week.carriers, week.places);
  // One ordinary flight a day is enough.
  for (const date of [DATE, NEXT_DATE]) {
    const flights = week.flights.filter(({ weekday }) => weekday === weekdayOf(date)).slice(0, 1);
    const day = { db: store.db, week: { ...week, flights }, date, today: DATE };
    await layOutDay({ ...day, hasScenarios: true });
  }
}, STARTING_MS);
afterAll(async () => {
  expect(await auditBooks(store.db)).toEqual([]);
  await store.close();
});

interface Found {
  id: string;
  flightNumber: string;
  departureAt: string;
}

async function search(date = DATE): Promise<Found[]> {
  const { origin, destination } = SCENARIO_ROUTE;
  const query = `origin=${origin.iata}&destination=${destination.iata}&date=${date}`;
  const path = `/api/v1/flights?${query}&passengers=1`;
  return (await store.anyone.get<Page<Found>>(path)).body.data;
}

async function find(flightNumber: ScenarioFlightNumber, date = DATE): Promise<Found> {
  const found = (await search(date)).find((flight) => flight.flightNumber === flightNumber);
  if (found === undefined) throw new Error(`There is no ${flightNumber} on ${date}`);
  return found;
}

async function freeSeats({ id }: Found): Promise<string[]> {
  const path = `/api/v1/flights/${id}/seats`;
  const { seats } = (
    await store.anyone.get<{ seats: { seatNumber: string; available: boolean }[] }>(path)
  ).body;
  return seats.filter(({ available }) => available).map(({ seatNumber }) => seatNumber);
}

async function paidOn(flight: Found): Promise<{ ada: Client; booking: Booking }> {
  const ada = await store.customer();
  const { body: booking } = await ada.create(flight);
  await expectPaid(ada, booking);
  return { ada, booking };
}

async function expectPaid(ada: Client, booking: Booking): Promise<void> {
  expect(await ada.pay(booking)).toMatchObject({ status: 201, body: PRICE });
  expect((await ada.read(booking.id)).body).toMatchObject({
    status: 'booked',
    payment: { status: 'captured', ...PRICE },
  });
}

/** Waits until the airline has changed the flight of a booking. */
function changed(ada: Client, { id }: Booking) {
  return untilSeen(async () => (await ada.read(id)).body.scheduleChange ?? undefined);
}

async function expectAllBack(ada: Client, booking: Booking): Promise<void> {
  expect((await ada.cancel(booking)).body).toMatchObject({ status: 'cancelled', refund: PRICE });
  await untilSeen(async () => {
    const { refund } = (await ada.read(booking.id)).body;
    return refund?.status === 'succeeded' ? refund : undefined;
  });
  const refunds = await store
    .db('sandbox_provider.refunds')
    .join('sandbox_provider.payment_intents as i', 'i.id', 'payment_intent_id')
    .where({ booking_id: booking.id })
    .pluck<number[]>('refunds.amount');
  expect(refunds).toEqual([PRICE.amount]);
}

const TRIALS: Record<ScenarioFlightNumber, () => Promise<void>> = {
  XX101: async () => {
    const flight = await find('XX101');
    const [ada, bea] = [await store.customer(), await store.customer()];
    expectRefused(await ada.create(flight, { passengers: adults(2) }), 'seats_unavailable');
    const { body: booking } = await ada.create(flight);
    expectRefused(await bea.create(flight), 'seats_unavailable');
    await expectPaid(ada, booking);
    expect((await search()).map(({ id }) => id)).not.toContain(flight.id);
    expect((await bea.list()).body.data).toEqual([]);
  },

  XX102: async () => {
    const flight = await find('XX102');
    const ada = await store.customer();
    const key = newKey();
    const first = await ada.create(flight, {}, key);
    expect(first).toMatchObject({ status: 202, body: { status: 'initiated' } });
    const booking = await untilSeen(async () => {
      const { status, body } = await ada.create(flight, {}, key);
      return status === 201 ? body : undefined;
    });
    expect(booking).toMatchObject({ id: first.body.id, status: 'pending', price: PRICE });
    await expectPaid(ada, booking);
  },

  XX103: async () => {
    const flight = await find('XX103');
    const [seen] = (await freeSeats(flight)).slice(-1);
    const [ada, bea] = [await store.customer(), await store.customer()];
    const { body: booking } = await ada.create(flight);
    await untilSeen(async () => ((await freeSeats(flight)).length === 0 ? true : undefined));
    const wish = { passengers: [{ familyName: 'Lovelace', seatNumber: seen }] };
    expectRefused(await bea.create(flight, wish), 'seats_unavailable');
    await expectPaid(ada, booking);
    expect((await bea.list()).body.data).toEqual([]);
  },

  XX104: async () => {
    const flight = await find('XX104');
    const { ada, booking } = await paidOn(flight);
    expect(await changed(ada, booking)).toMatchObject({ kind: 'cancelled' });
    expectRefused(await ada.create(flight), 'flight_closed');
    await expectAllBack(ada, booking);
  },

  XX105: async () => {
    // Who buys after the move has bought the new time: each takes another day.
    const movedOn = async (date: string) => {
      const flight = await find('XX105', date);
      const { ada, booking } = await paidOn(flight);
      expect(await changed(ada, booking)).toMatchObject({ kind: 'moved' });
      const departureAt = new Date(Date.parse(flight.departureAt) + MOVED_BY_MS).toISOString();
      expect((await ada.read(booking.id)).body.flight.departureAt).toBe(departureAt);
      return { ada, booking };
    };
    const [one, other] = [await movedOn(DATE), await movedOn(NEXT_DATE)];
    const path = `/api/v1/bookings/${one.booking.id}/schedule-change/accept`;
    expect(await one.ada.post(path, undefined)).toMatchObject({
      status: 200,
      body: { status: 'booked', payment: PRICE, refund: null },
    });
    await expectAllBack(other.ada, other.booking);
  },
};

test('every one is found by an ordinary search, and nothing else flies there', async () => {
  expect((await search()).map(({ flightNumber }) => flightNumber).sort()).toEqual(
    SCENARIO_FLIGHTS.map(({ number }) => `XX${String(number)}`),
  );
});

test.each(Object.entries(TRIALS))('%s does as it says', async (_, trial) => trial(), 60_000);
