import { STARTING_MS, untilSeen } from '../support/shop';
import { expectRefused, openCounter, resultOf, type Counter } from './counter';

/** What an operator does to a flight from a terminal. */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

const WHY = ['--reason', 'Fog.', '--as', 'op-7'];

test('a dry run says how many bookings and how much money, and changes nothing', async () => {
  const { flight } = await counter.sellSeat();
  const dave = await counter.customer();
  await dave.create(flight);
  const dry = await counter.ops('disrupt', flight.id, '--cancel', '--dry-run', '--json', ...WHY);
  expect(resultOf(dry)).toEqual({
    ...{ unpaid: 1, paid: 1, refundable: 1 },
    refunds: [{ amount: 12_000, currency: 'USD' }],
  });
  const at = (hours: number) =>
    new Date(flight.departureAt.getTime() + hours * 60 * 60_000).toISOString();
  const moved = ['--departs', at(1), '--arrives', at(9)];
  const little = await counter.ops('disrupt', flight.id, ...moved, '--dry-run', '--json', ...WHY);
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
