import { ensureSchedules } from '../../src/temporal/clients/schedules';
import type { Booking } from '../../src/domain/booking';
import { newKey } from '../api/client';
import { backUp } from '../support/backup';
import { seatsByState } from '../support/flights';
import { STARTING_MS, untilRefunded } from '../support/shop';
import { openCounter, resultOf, type Counter } from './counter';

/** After a restore of our database: workflows do again what it lacks, in the order of then. */

let counter: Counter;

beforeEach(async () => {
  counter = await openCounter();
  await ensureSchedules(counter.env.client, 'nobody');
}, STARTING_MS);

afterEach(() => counter.close(), STARTING_MS);

const statusOf = async ({ id }: Booking) =>
  (await counter.db('bookings').where({ id }).first('status'))?.status;

/** Runs `lost` between a backup and its restore; returns its result, and when the backup was. */
async function restoredAfter<T>(lost: () => Promise<T>): Promise<{ result: T; since: string }> {
  const restore = await backUp(counter.db);
  const since = new Date().toISOString();
  const result = await lost();
  await restore();
  return { result, since };
}

test('of two bookings that wanted the last seat, the one that had it gets it again; who was refused stays refused', async () => {
  const flight = await counter.flight({ seats: 1 });
  const [first, second, third] = [
    await counter.customer(),
    await counter.customer(),
    await counter.customer(),
  ];
  const { result, since } = await restoredAfter(async () => {
    const given = (await first.create(flight)).body;
    await first.cancel(given);
    const had = (await second.create(flight)).body;
    const key = newKey();
    const refused = await third.create(flight, {}, key);
    expect(refused.status).toBe(409);
    await second.pay(had);
    return { given, had };
  });
  expect(await statusOf(result.had)).toBeUndefined();

  const { exitCode, out, err } = await counter.ops('redo', '--since', since, '--json');
  expect({ exitCode, err }).toMatchObject({ exitCode: 0 });
  expect(resultOf({ exitCode, out, err })).toMatchObject({ bookings: 1, left: [] });
  expect(await statusOf(result.had)).toBe('pending');
  // It had no seat, or gets none: whatever came after it stays as it is.
  expect(await statusOf(result.given)).toBe('cancelled');
  expect(await seatsByState(counter.db, flight.id)).toEqual({ free: 0, held: 1, sold: 0 });
});

test('a seat that was given up since is free before the one who got it takes it', async () => {
  const flight = await counter.flight({ seats: 1 });
  const [first, second] = [await counter.customer(), await counter.customer()];
  const sold = (await first.create(flight)).body;
  await first.pay(sold);
  const { result: got, since } = await restoredAfter(async () => {
    const cancelled = await first.cancel(sold);
    await untilRefunded(counter.db, cancelled.body.payment?.id ?? '');
    return (await second.create(flight)).body;
  });
  expect(await statusOf(sold)).toBe('booked');

  const { exitCode, out, err } = await counter.ops('redo', '--since', since, '--json');
  expect(resultOf({ exitCode, out, err })).toMatchObject({
    cancellations: 1,
    bookings: 1,
    left: [],
  });
  expect([await statusOf(sold), await statusOf(got)]).toEqual(['cancelled', 'pending']);
});

test('both reconciliations are paused first, and what nothing happened to is left alone', async () => {
  const { booking } = await counter.sellSeat();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const since = new Date().toISOString();
  const { runId } = await counter.env.client.workflow.getHandle(booking.workflowId).describe();
  const { exitCode, out } = await counter.ops('redo', '--since', since);
  expect({ exitCode, out }).toEqual({
    exitCode: 0,
    out: expect.stringContaining('0 bookings, 0 bookings that were cancelled') as string,
  });
  expect((await counter.env.client.workflow.getHandle(booking.workflowId).describe()).runId).toBe(
    runId,
  );
  for (const id of ['reconciliation', 'nightly-audit']) {
    const { state } = await counter.env.client.schedule.getHandle(id).describe();
    expect(state.paused).toBe(true);
  }
});

test('takes an instant, and nothing else', async () => {
  expect(await counter.ops('redo', '--since', 'yesterday')).toMatchObject({ exitCode: 2 });
});
