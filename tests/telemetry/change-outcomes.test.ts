import { Registry } from 'prom-client';
import { completeChange } from '../../src/db/changes/complete-change';
import { declineChange, failChange } from '../../src/db/changes/fail-change';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { holdChange } from '../../src/db/changes/hold-change';
import type { Db } from '../../src/db/connection';
import { countBookingOutcomes } from '../../src/telemetry/metrics/booking-outcomes';
import { countChangeOutcomes } from '../../src/telemetry/metrics/change-outcomes';
import { makeChangedBooks } from '../db/changed-books';
import { sell } from '../db/inventory';
import { changeBy, quoteChange } from '../db/making-changes';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';

/** What the counters make of changes and schedule changes. */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

function openCounters() {
  const registry = new Registry();
  const seen = async (metric: string) =>
    (await registry.getSingleMetricAsString(metric))
      .split('\n')
      .filter((line) => !/^#| 0$/.test(line));
  return {
    observers: countChangeOutcomes(registry),
    bookingObservers: countBookingOutcomes(registry, 'sandbox'),
    seen,
  };
}

/** A change of a booking to a flight of the same price: the fee is due. */
async function wanted() {
  const { request } = await sell(db, await putFlightOnSale(db, { seats: 6 }));
  const other = await putFlightOnSale(db, { seats: 6 });
  const quote = await quoteChange(db, request, [{ replaces: 0, flightIds: [other.id] }]);
  return changeBy(request, quote);
}

test('a change counts once when it begins, and once when it ends, however often a step is repeated', async () => {
  const { observers, seen } = openCounters();
  const change = await wanted();
  const now = new Date();
  for (const _ of [1, 2])
    observers.holdChange(await holdChange(db, change, now), change, now.toISOString());
  for (const _ of [1, 2]) {
    const isEnded = await failChange(db, change, 'payment_not_completed');
    observers.failChange(isEnded, change, 'payment_not_completed');
  }
  expect(await seen('booking_changes_total')).toEqual([
    'booking_changes_total{status="pending"} 1',
    'booking_changes_total{status="failed"} 1',
  ]);
});

test('a change that was refused before it began counts as nothing', async () => {
  const { observers, seen } = openCounters();
  const change = await wanted();
  observers.failChange(
    await failChange(db, change, 'payment_not_completed'),
    change,
    'payment_not_completed',
  );
  expect(await seen('booking_changes_total')).toEqual([]);
});

test('what was declined, and what was completed, count as that', async () => {
  const { observers, seen } = openCounters();
  const declined = await wanted();
  await holdChange(db, declined, new Date());
  const decline = { paymentId: declined.changeId, declineCode: 'insufficient_funds' };
  observers.declineChange(await declineChange(db, declined, decline), declined, decline);

  const { cheaper } = await makeChangedBooks(db);
  const row = await db('changes').where({ booking_id: cheaper }).first();
  const done = { ...declined, bookingId: cheaper, changeId: row?.id ?? '' };
  const terms = { capture: undefined, ourProviders: ['sandbox'] };
  const result = await completeChange(
    db,
    { ...done, fingerprint: row?.request_fingerprint ?? '', requestedBy: row?.caller_id ?? '' },
    terms,
  );
  observers.completeChange({ result, refunds: [] }, done, null);
  expect(await seen('booking_changes_total')).toEqual([
    'booking_changes_total{status="completed"} 1',
    'booking_changes_total{status="declined"} 1',
  ]);
});

test('responses to schedule changes count by who gave them', async () => {
  const { observers, seen } = openCounters();
  const { accepted, ended, waiting, dearer } = await makeChangedBooks(db);
  const bookingOf = (id: string) => readKnownBooking(db, id);
  const now = new Date().toISOString();
  const by = { kind: 'customer', id: 'customer-1' } as const;
  observers.acceptScheduleChange(await bookingOf(accepted), accepted, { by, now });
  observers.closeScheduleChange(
    { kind: 'accepted', booking: await bookingOf(waiting) },
    waiting,
    now,
  );
  const sale = { booking: await bookingOf(ended), refundOf: null };
  observers.closeScheduleChange({ kind: 'cancelled', sale }, ended, now);
  const refund = { payments: [], isOpen: false };
  observers.concludeScheduleChange({ kind: 'cancelled', sale, refund }, ended, now);
  observers.cancelSale(sale, { bookingId: ended, requestedBy: 'a', asOperator: false }, now);
  const undisturbed = { booking: await bookingOf(dearer), refundOf: null };
  const cancellation = { bookingId: dearer, requestedBy: 'a', asOperator: false };
  observers.cancelSale(undisturbed, cancellation, now);
  expect(await seen('schedule_change_responses_total')).toEqual([
    'schedule_change_responses_total{response="accepted"} 1',
    'schedule_change_responses_total{response="cancelled"} 1',
    'schedule_change_responses_total{response="accepted_automatically"} 1',
    'schedule_change_responses_total{response="cancelled_automatically"} 1',
  ]);
});

test('a booking that ends since nobody has responded counts as cancelled, whichever activity ends it', async () => {
  const { bookingObservers, seen } = openCounters();
  const { ended, waiting, accepted } = await makeChangedBooks(db);
  const now = new Date().toISOString();
  const endingOf = async (id: string) => {
    const booking = { ...(await readKnownBooking(db, ended)), id };
    return { kind: 'cancelled', sale: { booking, refundOf: null } } as const;
  };
  for (const _ of [1, 2]) bookingObservers.closeScheduleChange(await endingOf(ended), ended, now);
  const refund = { payments: [], isOpen: false };
  bookingObservers.concludeScheduleChange({ ...(await endingOf(waiting)), refund }, waiting, now);
  const booking = await readKnownBooking(db, accepted);
  bookingObservers.closeScheduleChange({ kind: 'accepted', booking }, accepted, now);
  expect(await seen('bookings_total')).toEqual([
    'bookings_total{status="cancelled",reason="flight_cancelled"} 2',
  ]);
});
