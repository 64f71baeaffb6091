import { randomUUID } from 'node:crypto';
import type { BookingReport } from '../../src/cli/booking/booking-report';
import type { Stuck } from '../../src/operations/stuck/case';
import { holdChange } from '../../src/db/changes/hold-change';
import { applyScheduleChange } from '../../src/db/schedule-changes/apply';
import {
  OVERDUE_AFTER_MINUTES,
  UNTOLD_AFTER_MINUTES,
} from '../../src/domain/schedule-change-lateness';
import { makeOffer } from '../../src/db/schedule-changes/offers';
import { changeBy, quoteChange } from '../db/making-changes';
import { STARTING_MS } from '../support/shop';
import { minutesAgo, openCounter, resultOf, type Counter } from './counter';

/** Changes and schedule changes that do not get on are found, and shown with their booking. */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

type Sold = Awaited<ReturnType<Counter['sellSeat']>>;

const found = async ({ booking }: Sold) =>
  (resultOf(await counter.ops('stuck', '--json')) as Stuck[]).filter(
    ({ bookingId }) => bookingId === booking.id,
  );

async function shown({ booking }: Sold): Promise<BookingReport> {
  return resultOf(await counter.ops('show', booking.id, '--json')) as BookingReport;
}

async function disrupt({ flight }: Sold, minutes: number): Promise<string> {
  const scheduleChangeId = randomUUID();
  const order = { reason: 'Fog.', requestedBy: 'operator-1', fingerprint: 'of-the-order' };
  const change = { id: scheduleChangeId, flightId: flight.id, change: CANCELLED, ...order };
  await applyScheduleChange(counter.db, change, minutesAgo(minutes));
  return scheduleChangeId;
}

const CANCELLED = { kind: 'cancelled' } as const;

/** A change to another flight, to be held in the database alone. */
async function quotedChange(sale: Sold) {
  const other = await counter.flight({ seats: 2 });
  const row = await counter.db('bookings').where({ id: sale.booking.id }).first('customer_id');
  const request = { bookingId: sale.booking.id, customerId: row?.customer_id ?? '' };
  const quote = await quoteChange(counter.db, request, [{ replaces: 0, flightIds: [other.id] }]);
  return { change: changeBy(request, quote), quote };
}

test('a change that no workflow makes any more', async () => {
  const sale = await counter.sellSeat();
  const { change, quote } = await quotedChange(sale);
  await counter.terminate(sale.booking);
  await holdChange(counter.db, change, new Date());
  expect(await found(sale)).toEqual([]);
  await counter
    .db('changes')
    .where({ id: change.changeId })
    .update({ created_at: minutesAgo(30), payment_required_by: minutesAgo(15) });
  expect(await found(sale)).toMatchObject([
    {
      kind: 'change_under_way',
      what: sale.booking.reference,
      detail: expect.stringContaining('no workflow runs'),
      todo: expect.stringContaining('reconcile'),
    },
  ]);
  const { changes, disagreements } = await shown(sale);
  expect(changes).toMatchObject([
    { changeId: change.changeId, status: 'pending', toPay: quote.toPay },
  ]);
  expect(disagreements).toContain(
    `Change ${change.changeId} is past its time to pay, and not decided.`,
  );
});

test('a change that its running workflow has never heard of', async () => {
  const sale = await counter.sellSeat();
  const { change } = await quotedChange(sale);
  await holdChange(counter.db, change, new Date());
  await counter
    .db('changes')
    .where({ id: change.changeId })
    .update({ created_at: minutesAgo(11) });
  expect(await found(sale)).toMatchObject([
    {
      kind: 'change_under_way',
      detail: expect.stringContaining('its workflow runs, and does not know of it'),
      todo: expect.stringContaining('reconcile'),
    },
  ]);
});

test('a booking that was not told that its flight is cancelled', async () => {
  const sale = await counter.sellSeat();
  const id = await disrupt(sale, UNTOLD_AFTER_MINUTES + 1);
  expect(await found(sale)).toMatchObject([
    { kind: 'schedule_change_untold', detail: expect.stringContaining('its workflow runs') },
  ]);
  const { scheduleChanges, disagreements } = await shown(sale);
  expect(scheduleChanges).toMatchObject([
    { scheduleChangeId: id, kind: 'cancelled', state: 'pending', reason: 'Fog.' },
  ]);
  expect(disagreements).toEqual([`It was not told of schedule change ${id}.`]);
});

test('an offer that outlives its time; before that it is only shown', async () => {
  const sale = await counter.sellSeat();
  const id = await disrupt(sale, 1);
  await makeOffer(counter.db, sale.booking.id, new Date());
  expect(await found(sale)).toEqual([]);
  const { out } = await counter.ops('show', sale.booking.id);
  expect(out).toContain(`${sale.booking.flight.flightNumber} cancelled, waiting, until `);
  await counter
    .db('booking_schedule_changes')
    .where({ schedule_change_id: id })
    .update({ respond_by: minutesAgo(OVERDUE_AFTER_MINUTES + 1) });
  expect(await found(sale)).toMatchObject([{ kind: 'schedule_change_overdue' }]);
  expect((await shown(sale)).disagreements).toEqual([
    `The time to respond to schedule change ${id} is over, and nothing followed.`,
  ]);
});
