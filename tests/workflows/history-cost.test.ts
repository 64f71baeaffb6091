import { randomUUID } from 'node:crypto';
import { requestOf } from '../support/flights';
import { openShop, stateOf, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/**
 * What a booking costs the real Temporal server, in events and workflow tasks: each event is stored
 * for good, and each task is a round trip. These are numbers to be proud of, not to be raised in
 * passing. On a busy machine a task may take longer than it may in production, which would be tasks
 * more.
 */
const UNHURRIED = { workflowTaskTimeout: '60s' } as const;
const shop = shopOfSuite(devServerEnvironment, UNHURRIED);

test('a create is one workflow task and nine events', async () => {
  const sale = await shop.hold();
  const events = await historyOf(sale);
  expect(workflowTasks(events)).toBe(1);
  expect(events).toHaveLength(9);
});

test('a payment is two workflow tasks more, one activity, and 14 events, the timer until departure among them', async () => {
  const sale = await shop.hold();
  const created = (await historyOf(sale)).length;
  await sale.pay();
  const events = await historyOf(sale);
  expect(workflowTasks(events)).toBe(3);
  expect(activities(events)).toBe(1);
  expect(events.length - created).toBe(14);
  const lastTask = events.filter((event) => event.workflowTaskCompletedEventAttributes).at(-1);
  const timers = events.flatMap((event) => event.timerStartedEventAttributes ?? []);
  // The deadline, and the departure: set by the task that answers the payer.
  expect(timers).toHaveLength(2);
  expect(timers[1]?.workflowTaskCompletedEventId).toEqual(lastTask?.eventId);
});

test('a booking that nobody pays for ends with one workflow task more', async () => {
  const hurried = await openShop(devServerEnvironment, {
    ...UNHURRIED,
    paymentWindowSeconds: 2,
  });
  const sale = await hurried.hold();
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(workflowTasks(await historyOf(sale))).toBe(2);
  await hurried.close();
});

test('a hold that somebody cancels costs three workflow tasks and one activity more', async () => {
  const sale = await shop.hold();
  const held = await historyOf(sale);
  await sale.cancel();
  await sale.outcome();
  const events = await historyOf(sale);
  expect(workflowTasks(events) - workflowTasks(held)).toBe(3);
  expect(activities(events) - activities(held)).toBe(1);
});

test('a sold booking that is cancelled is refunded with three workflow tasks and two activities more', async () => {
  const sale = await shop.sell();
  const sold = await historyOf(sale);
  await shop.cancelSale(sale);
  await sale.outcome();
  const events = await historyOf(sale);
  expect(workflowTasks(events) - workflowTasks(sold)).toBe(3);
  expect(activities(events) - activities(sold)).toBe(2);
});

test('what follows when nobody has responded costs two workflow tasks, one activity and 12 events', async () => {
  const flight = await shop.flight({ departsInMinutes: 3 * 24 * 60 });
  const sale = await shop.sell({ on: flight });
  await shop.scheduleChanges.change({
    scheduleChangeId: randomUUID(),
    flightId: flight.id,
    kind: 'moved',
    reason: 'Fog.',
    requestedBy: 'operator-1',
    fingerprint: 'fingerprint',
    departureAt: new Date(Date.now() + 8_000).toISOString(),
    arrivalAt: new Date(Date.now() + 8 * 60 * 60_000).toISOString(),
  });
  await stateOf(sale, ({ activity }) => activity === 'awaiting_response');
  const told = await historyOf(sale);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
  const events = await historyOf(sale);
  expect(workflowTasks(events) - workflowTasks(told)).toBe(2);
  expect(activities(events) - activities(told)).toBe(1);
  expect(events.length - told.length).toBe(12);
});

test('a payment that is turned down leaves no trace in the history', async () => {
  const sale = await shop.hold();
  const before = await historyOf(sale);
  await sale.pay({ amount: 1 }).catch(() => undefined);
  expect(await historyOf(sale)).toEqual(before);
});

test('operators find a booking by its status, reference and deadline, and after its end by no deadline', async () => {
  const request = requestOf(await shop.flight());
  await shop.reserve(request);
  const sale = shop.saleOf(request);
  const { reference, paymentRequiredBy } = await sale.state();
  expect(await attributesOf(sale)).toMatchObject({
    BookingStatus: ['pending'],
    BookingReference: [reference],
    PaymentDeadline: [new Date(paymentRequiredBy ?? '')],
  });
  await sale.pay();
  const attributes = await attributesOf(sale);
  expect(attributes).toMatchObject({ BookingStatus: ['booked'], BookingReference: [reference] });
  expect(attributes).not.toHaveProperty('PaymentDeadline');
});

async function historyOf(sale: Sale) {
  return (await sale.handle.fetchHistory()).events ?? [];
}

type Events = Awaited<ReturnType<typeof historyOf>>;

function workflowTasks(events: Events): number {
  return events.filter((event) => event.workflowTaskCompletedEventAttributes).length;
}

function activities(events: Events): number {
  return events.filter((event) => event.activityTaskScheduledEventAttributes).length;
}

async function attributesOf(sale: Sale) {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only form that shows all of them without naming each
  return (await sale.handle.describe()).searchAttributes;
}
