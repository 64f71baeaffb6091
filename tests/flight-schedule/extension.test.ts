import { MockActivityEnvironment } from '@temporalio/testing';
import { flightScheduleActivities } from '../../src/activities/flight-schedule/activities';
import { departuresOn } from '../../src/activities/flight-schedule/departures';
import { datesFrom, todayAtOrigins } from '../../src/activities/flight-schedule/horizon';
import type { Db } from '../../src/db/connection';
import { readScheduleReach } from '../../src/db/flights/schedule-view';
import type { Direction } from '../../src/domain/flight-schedule/direction';
import type { DayOnSale } from '../../src/temporal/contracts/flight-schedule';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { flightsOn, quietWeek } from './quiet-week';

/** The activities that extend the schedule, with the rights of a worker's role. */

const week = quietWeek();
const TODAY = todayAtOrigins(week, new Date());
const [FIRST, SECOND] = datesFrom(TODAY, 2) as [string, string];

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

function extending(scheduleDays: number) {
  return flightScheduleActivities({
    db: database.as('worker'),
    scheduleDays,
    hasScenarios: false,
    week,
  });
}

/** Runs one extension as its workflow does; returns the days that it put on sale. */
async function extend(
  scheduleDays: number,
  env = new MockActivityEnvironment(),
): Promise<DayOnSale[]> {
  const { findMissingDays, layOutDays } = extending(scheduleDays);
  const missing = await findMissingDays();
  return env.run<[string[]], DayOnSale[], typeof layOutDays>(layOutDays, missing);
}

async function storedOn(date: string): Promise<number> {
  return (await db('flights').where('departure_date', date).select('id')).length;
}

/** Deletes flights, as the owner of the tables may. */
async function remove(ids: readonly string[]): Promise<void> {
  for (const table of ['seats', 'flight_cabins'] as const)
    await db(table).whereIn('flight_id', ids).delete();
  await db('flights').whereIn('id', ids).delete();
}

test('on an empty database the first run puts every day of the horizon on sale, with all seats', async () => {
  expect(await readScheduleReach(db)).toBeUndefined();
  const env = new MockActivityEnvironment();
  const heartbeats: unknown[] = [];
  env.on('heartbeat', (detail) => heartbeats.push(detail));
  const [day] = await extend(1, env);
  expect(day).toMatchObject({ date: FIRST, flightsAdded: flightsOn(week, FIRST) });
  expect(await storedOn(FIRST)).toBe(flightsOn(week, FIRST));
  const seats = await db('seats').count<[{ seats: number }]>('* as seats');
  expect(seats[0]?.seats).toBe(day!.seatsAdded);
  // One for each batch of fifty: a worker that died is noticed within one of them.
  expect(heartbeats).toHaveLength(Math.ceil(flightsOn(week, FIRST) / 50));
  const reach = await readScheduleReach(db);
  const last = await db('flights').max<{ last: Date }>('departure_at as last').first();
  expect(reach).toEqual(last!.last);
});

test('a day later it adds that day, and leaves a changed and a deleted flight as they are', async () => {
  const [changed, deleted] = await db('flights')
    .where({ departure_date: FIRST, origin: 'JFK' })
    .limit(2);
  const moved = { aircraft_model: 'Another aircraft' };
  await db('flights').where({ id: changed!.id }).update(moved);
  await remove([deleted!.id]);

  const days = await extend(2);

  expect(days).toMatchObject([{ date: SECOND, flightsAdded: flightsOn(week, SECOND) }]);
  expect(await storedOn(FIRST)).toBe(flightsOn(week, FIRST) - 1);
  expect(await db('flights').where({ id: changed!.id }).first()).toMatchObject(moved);
  expect(await db('flights').where({ id: deleted!.id })).toEqual([]);
});

test('a second run on the same day finds nothing to do', async () => {
  expect(await extending(2).findMissingDays()).toEqual([]);
  // Not even when it is told to, as a retry is whose first attempt had its effect.
  const env = new MockActivityEnvironment();
  expect(await env.run(extending(2).layOutDays, [FIRST, SECOND])).toEqual([
    { date: FIRST, flightsAdded: 0, seatsAdded: 0 },
    { date: SECOND, flightsAdded: 0, seatsAdded: 0 },
  ]);
});

test('a run that was cut off after some flights is completed by the next, each flight once', async () => {
  const [third] = datesFrom(TODAY, 3).slice(2) as [string];
  const env = new MockActivityEnvironment();
  env.on('heartbeat', () => env.cancel('WORKER_SHUTDOWN'));
  await expect(extend(3, env)).rejects.toMatchObject({ name: 'CancelledFailure' });
  const begun = await storedOn(third);
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThan(flightsOn(week, third));
  // What is on sale partly is not counted.
  const before = await readScheduleReach(db);
  expect(before!.getTime()).toBeLessThan(Date.parse(third) + 12 * 3_600_000);

  expect(await extend(3)).toMatchObject([
    { date: third, flightsAdded: flightsOn(week, third) - begun },
  ]);
  expect(await storedOn(third)).toBe(flightsOn(week, third));
  expect((await readScheduleReach(db))!.getTime()).toBeGreaterThan(before!.getTime());
});

test('complete days of the release without inbound flights get them, and nothing else', async () => {
  const dates = [FIRST, SECOND];
  const plannedOn = (direction: Direction, date: string) =>
    departuresOn(week, date, 0).filter((flight) => flight.direction === direction);
  const inbound = dates.flatMap((date) => plannedOn('inbound', date).map(({ id }) => id));
  await remove(inbound);
  await db('flight_schedule_inbound_days').whereIn('departure_date', dates).delete();
  const before = await db('flights').whereIn('departure_date', dates).orderBy('id');
  const reach = await readScheduleReach(db);

  const days = await extend(3);

  expect(days).toMatchObject(
    dates.map((date) => ({ date, flightsAdded: plannedOn('inbound', date).length })),
  );
  // The outbound flight that was deleted on purpose stays so, and the changed one as it is.
  const after = await db('flights').whereIn('departure_date', dates).orderBy('id');
  expect(after.filter(({ id }) => !inbound.includes(id))).toEqual(before);
  expect(after).toHaveLength(before.length + inbound.length);
  expect(await readScheduleReach(db)).toEqual(reach);
  expect(await extend(3)).toEqual([]);
});

test('a day that the earlier release completes meanwhile gets the other direction from this one', async () => {
  const [fourth] = datesFrom(TODAY, 4).slice(3) as [string];
  await db('flight_schedule_days').insert({
    departure_date: fourth,
    last_departure_at: new Date(`${fourth}T23:00:00Z`),
  });
  await extend(4);
  const stored = await db('flights').where('departure_date', fourth).pluck('destination');
  const places = new Set(stored);
  expect([...places].sort()).toEqual(['EWR', 'JFK', 'LGA']);
});

test('a day beyond a gap does not count as reached: nobody can book the days between', async () => {
  const before = await readScheduleReach(db);
  const [beyond] = datesFrom(TODAY, 10).slice(9) as [string];
  await db('flight_schedule_days').insert({
    departure_date: beyond,
    last_departure_at: new Date(`${beyond}T23:00:00Z`),
  });
  expect(await readScheduleReach(db)).toEqual(before);
});
