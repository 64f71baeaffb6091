import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { waitUntil } from '../../src/cli/wait';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundWorkflowId } from '../../src/temporal/contracts/refund';
import { scheduleChangeWorkflowId } from '../../src/temporal/contracts/schedule-change';
import { ADULT_PRICE } from '../support/flights';
import { putRoundTripOnSale } from '../support/itineraries';
import { STARTING_MS } from '../support/shop';
import { expectRefused, minutesAgo, openCounter, resultOf, type Counter } from './counter';
import { PATIENCE_MS } from '../support/patience';

/** The runbook's queries for Temporal's list find what they say. */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

const queries = new Map(
  [
    ...readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8').matchAll(
      /^\*\*([^*\n]+)\*\*[^\n]*\n\n```sql\n([^`]+?)\n```/gm,
    ),
  ].map(([, name = '', query = '']) => [name, query] as const),
);

async function listed(name: string, instant?: Date, flight = 'UA1287'): Promise<string[]> {
  const query = queries.get(name) ?? '';
  expect(query).not.toBe('');
  // The first instant of the query becomes the given one, and a later one stays as much later.
  const [first = ''] = /\d{4}-[^']*/.exec(query) ?? [];
  const laterMs = instant === undefined ? 0 : instant.getTime() - Date.parse(first);
  const asked = query
    .replace(/\d{4}-[^']*/g, (given) => new Date(Date.parse(given) + laterMs).toISOString())
    .replace('UA1287', flight);
  const ids: string[] = [];
  for await (const { workflowId } of counter.env.client.workflow.list({ query: asked }))
    ids.push(workflowId);
  return ids;
}

async function untilListed(
  name: string,
  workflowId: string,
  instant?: Date,
  flight?: string,
): Promise<void> {
  await waitUntil(async () => (await listed(name, instant, flight)).includes(workflowId), {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`${name}: never listed`),
  });
}

test('are taken by Temporal, each of them', async () => {
  expect(queries.size).toBeGreaterThanOrEqual(6);
  for (const name of queries.keys()) await listed(name);
});

test('what is sold on a flight is told without what was cancelled later', async () => {
  const kept = await counter.sellSeat();
  const customer = await counter.customer();
  const { body: cancelled } = await customer.create(kept.flight);
  await customer.pay(cancelled);
  await customer.cancel(cancelled);
  const { id, flightNumber, departureAt } = kept.booking.flight;
  const flown = await counter.ops(
    'sold',
    flightNumber,
    '--date',
    departureAt.slice(0, 10),
    '--json',
  );
  expect(resultOf(flown)).toMatchObject([
    { bookingId: kept.booking.id, seatNumbers: [expect.any(String)] },
  ]);
  const { out } = await counter.ops('sold', id);
  expect(out).toContain(kept.booking.reference);
  expect(out).not.toContain(cancelled.reference);
  expect(out).toContain('Bookings: 1, seats: 1');
  expectRefused(
    await counter.ops('sold', 'ZZ9999', '--date', '2026-12-01'),
    'There is no flight ZZ9999 on 2026-12-01.',
  );
  const at = new Date(departureAt);
  await untilListed('Sold on a flight', kept.booking.workflowId, at, flightNumber);
  const isListed = async () =>
    (await listed('Sold on a flight', at, flightNumber)).includes(cancelled.workflowId);
  await waitUntil(async () => !(await isListed()), {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('A cancelled booking stays listed'),
  });
});

test('find what they say', async () => {
  const { booking } = await counter.holdSeat();
  const inAnHour = new Date(Date.now() + 60 * 60_000);
  await untilListed('Pending past deadline', booking.workflowId, inAnHour);
  expect(await listed('Pending past deadline', new Date())).not.toContain(booking.workflowId);

  const inVain = { provider: 'bank', providerPaymentId: `transfer-${randomUUID()}` };
  await counter.paymentWorkflows.deliver(
    { bookingId: booking.id, ...ADULT_PRICE, ...inVain, amount: 1 },
    () => Promise.resolve('pending'),
  );
  const refund = refundWorkflowId(externalPaymentId(inVain));
  await untilListed('Refund waiting for a person', refund);

  await counter.ops('cancel', booking.id, '--reason', 'test', '--as', 'op-7');
  await untilListed("Today's cancellations", booking.workflowId, minutesAgo(5));
  const sold = await counter.sellSeat();
  await sold.customer.cancel(sold.booking);
  await untilListed("Today's cancellations", sold.booking.workflowId, minutesAgo(5));
});

test('find the bookings of an itinerary by any of its flights, and those told of a schedule change', async () => {
  const trip = await putRoundTripOnSale(counter.db);
  const customer = await counter.customer();
  const { body: booking } = await customer.create(
    { id: '' },
    { flightId: undefined, slices: trip.slices },
  );
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  const last = await counter
    .db('flights')
    .where({ id: trip.flightIds[3] ?? '' })
    .first();
  const leavesAt = new Date(booking.flight.departureAt);
  await untilListed(
    'Sold on a flight of an itinerary',
    booking.workflowId,
    leavesAt,
    last?.flight_number,
  );

  const cancel = ['--cancel', '--json', '--reason', 'Fog.', '--as', 'op-7'];
  const { id } = resultOf(await counter.ops('disrupt', trip.flightIds[3] ?? '', ...cancel)) as {
    id: string;
  };
  for (const workflowId of [booking.workflowId, scheduleChangeWorkflowId(id)])
    await waitUntil(async () => (await toldOf(id)).includes(workflowId), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error(`${workflowId} is never listed`),
    });
});

async function toldOf(scheduleChangeId: string): Promise<string[]> {
  const query = queries.get('Told of a schedule change') ?? '';
  const asked = query.replace(/'[^']*'/, `'${scheduleChangeId}'`);
  expect(asked).toContain(scheduleChangeId);
  const ids: string[] = [];
  for await (const { workflowId } of counter.env.client.workflow.list({ query: asked }))
    ids.push(workflowId);
  return ids;
}
