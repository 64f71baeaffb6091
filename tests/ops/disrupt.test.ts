import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import type { System } from '../../src/cli/systems';
import { testDataConverter } from '../support/encryption';
import { STARTING_MS, untilSeen } from '../support/shop';
import { expectRefused, openCounter, resultOf, type Counter, type Ran } from './counter';

/** What an operator does to a flight from a terminal. */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

const WHY = ['--reason', 'Fog.', '--as', 'op-7'];

interface Departing {
  id: string;
  departureAt: Date;
}

/** So many hours after a flight was to depart. */
const hoursLater = ({ departureAt }: Departing, hours: number) =>
  new Date(departureAt.getTime() + hours * 60 * 60_000).toISOString();

/** The command that moves a flight to so many hours after it was to depart. */
const moving = (flight: Departing, hours: number, who = WHY) => [
  ...['disrupt', flight.id, '--departs', hoursLater(flight, hours)],
  ...['--arrives', hoursLater(flight, hours + 8), ...who],
];

/** The system of an operator who does something else when an order is sent. */
function systemThat(send: NonNullable<WorkflowClientInterceptor['startUpdateWithStart']>): System {
  const client = new Client({
    connection: counter.env.connection,
    dataConverter: testDataConverter,
    interceptors: { workflow: [{ startUpdateWithStart: send }] },
  });
  return { ...counter.system, client };
}

test('a dry run says how many bookings and how much money, and changes nothing', async () => {
  const { flight } = await counter.sellSeat();
  const dave = await counter.customer();
  await dave.create(flight);
  const dry = await counter.ops('disrupt', flight.id, '--cancel', '--dry-run', '--json', ...WHY);
  expect(resultOf(dry)).toEqual({
    unpaid: 1,
    paid: 1,
    refundable: 1,
    refunds: [{ amount: 12_000, currency: 'USD' }],
  });
  const little = await counter.ops(...moving(flight, 1), '--dry-run', '--json');
  expect(resultOf(little)).toMatchObject({ paid: 1, refundable: 0, refunds: [] });
  const row = await counter.db('flights').where({ id: flight.id }).first('status');
  expect(row?.status).toBe('scheduled');
});

test('a flight is cancelled once, however often the command is run', async () => {
  const { flight, customer, booking } = await counter.sellSeat();
  const first = await counter.ops('disrupt', flight.id, '--cancel', '--json', ...WHY);
  expect(resultOf(first)).toMatchObject({ kind: 'cancelled', affected: 1 });
  const again = await counter.ops('disrupt', flight.id, '--cancel', '--json', ...WHY);
  expect(resultOf(again)).toMatchObject({
    id: (resultOf(first) as { id: string }).id,
  });
  const offered = await untilSeen(
    async () => (await customer.read(booking.id)).body.scheduleChange ?? undefined,
  );
  expect(offered).toMatchObject({ kind: 'cancelled', actionTaken: null });
});

test('the same command moves a flight again where another change has moved it since', async () => {
  const flight = await counter.flight();
  const move = async (hours: number) => {
    const moved = await counter.ops(...moving(flight, hours), '--json');
    expect(moved.exitCode).toBe(0);
    const row = await counter.db('flights').where({ id: flight.id }).first('departure_at');
    expect(row?.departure_at.toISOString()).toBe(hoursLater(flight, hours));
    return (resultOf(moved) as { id: string }).id;
  };
  const first = await move(1);
  const second = await move(2);
  const third = await move(1);
  expect(await move(1)).toBe(third);
  const fourth = await move(2);
  expect(new Set([first, second, third, fourth]).size).toBe(4);
});

test('the same command twice at once is one change', async () => {
  const flight = await counter.flight();
  const others: Ran[] = [];
  const twice = systemThat(async (input, next) => {
    others.push(await counter.ops(...moving(flight, 1)));
    return next(input);
  });
  const said = await counter.opsAt(twice, ...moving(flight, 1));
  expect(others).toEqual([said]);
  expect(said.exitCode).toBe(0);
  expect(await counter.db('schedule_changes').where({ flight_id: flight.id })).toHaveLength(1);
});

test('a change that another one follows at once is not taken for how the flight is', async () => {
  const flight = await counter.flight();
  const overtaken = systemThat(async (input, next) => {
    const sent = await next(input);
    const later = moving(flight, 2, ['--reason', 'A strike.', '--as', 'op-8']);
    expect(await counter.ops(...later)).toMatchObject({ exitCode: 0 });
    return sent;
  });
  const { exitCode, out } = await counter.opsAt(overtaken, ...moving(flight, 1));
  expect(exitCode).toBe(1);
  expect(out).toContain(
    `the flight departs at ${hoursLater(flight, 2)}, and arrives at ${hoursLater(flight, 10)}.`,
  );
});

test('another operator’s change is not taken for one’s own', async () => {
  const flight = await counter.flight();
  await counter.ops(...moving(flight, 1));
  expectRefused(
    await counter.ops(...moving(flight, 1, ['--reason', 'Fog.', '--as', 'op-8'])),
    'The flight has these times already.',
  );
});

test('what is unclear is refused: no flight, or both ways at once', async () => {
  const { flight } = await counter.holdSeat();
  const both = [
    '--cancel',
    '--departs',
    '2027-01-01T00:00:00Z',
    '--arrives',
    '2027-01-01T09:00:00Z',
  ];
  expectRefused(
    await counter.ops('disrupt', flight.id, ...both, ...WHY),
    'It takes --cancel, or both --departs and --arrives.',
  );
  expectRefused(
    await counter.ops('disrupt', 'ZZ9999', '--date', '2027-01-01', '--cancel', ...WHY),
    'There is no such flight.',
  );
});
