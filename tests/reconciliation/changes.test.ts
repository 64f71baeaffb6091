import { randomUUID } from 'node:crypto';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { holdChange } from '../../src/db/changes/hold-change';
import { applyScheduleChange } from '../../src/db/schedule-changes/apply';
import {
  OVERDUE_AFTER_MINUTES,
  UNTOLD_AFTER_MINUTES,
} from '../../src/domain/schedule-change-lateness';
import { createPaymentProviders } from '../../src/payments/providers';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { changeBooking } from '../../src/temporal/contracts/change';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { paymentUpdated } from '../../src/temporal/contracts/booking';
import { createPaymentWorkflows } from '../../src/temporal/clients/payment-workflows';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { beginChange, changeBy, quoteChange } from '../db/making-changes';
import { openStorefront, type Storefront } from '../support/api';
import { seatsByState } from '../support/flights';
import { reconcile } from '../support/reconcile';
import { STARTING_MS, untilSeen } from '../support/shop';
import { terminate } from '../support/terminate';

/** Changes and schedule changes whose next step was lost are taken up by reconciliation. */

let shop: Storefront;

beforeAll(async () => {
  shop = await openStorefront();
}, STARTING_MS);

afterAll(() => shop.close(), STARTING_MS);

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

async function sold() {
  const customerId = `customer-${randomUUID()}`;
  const customer = await shop.customer(customerId);
  const flight = await shop.flight({ seats: 2 });
  const { body: booking } = await customer.create(flight);
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  return { customerId, customer, flight, booking };
}

type Sold = Awaited<ReturnType<typeof sold>>;

/** Cancels a flight so many minutes ago, as a worker does that dies before it tells anyone. */
async function disrupt({ id }: { id: string }, minutes: number): Promise<string> {
  const scheduleChangeId = randomUUID();
  const order = { reason: 'Fog.', requestedBy: 'operator-1', fingerprint: 'of-the-order' };
  const change = { id: scheduleChangeId, flightId: id, change: { kind: 'cancelled' as const } };
  await applyScheduleChange(shop.db, { ...change, ...order }, minutesAgo(minutes));
  return scheduleChangeId;
}

const noticeOf = ({ booking }: Pick<Sold, 'booking'>) =>
  shop.db('booking_schedule_changes').where({ booking_id: booking.id });

const untilWaiting = (sale: Sold) =>
  untilSeen(async () => (await noticeOf(sale).first())?.respond_by ?? undefined);

const endByHand = ({ booking }: Pick<Sold, 'booking'>) =>
  terminate(shop.env.client, booking.workflowId);

test('a booking that was never told of a schedule change is told, with or without a workflow', async () => {
  const [running, lost, early] = [await sold(), await sold(), await sold()];
  await endByHand(lost);
  for (const { flight } of [running, lost]) await disrupt(flight, UNTOLD_AFTER_MINUTES + 1);
  await disrupt(early.flight, UNTOLD_AFTER_MINUTES - 1);
  await noticeOf(lost).update({ state: 'failed' });
  const { toldBookings, failed } = await reconcile(shop);
  expect(failed).toEqual([]);
  expect(new Set(toldBookings)).toEqual(new Set([running.booking.id, lost.booking.id]));
  for (const sale of [running, lost]) await untilWaiting(sale);
  expect((await reconcile(shop)).toldBookings).toEqual([]);
  // It would be overdue in a minute, in the middle of other tests.
  await shop.db('booking_schedule_changes').where({ booking_id: early.booking.id }).delete();
});

test('a hold on a cancelled flight, whose workflow is gone, is a failure until it is released', async () => {
  const customer = await shop.customer();
  const flight = await shop.flight({ seats: 2 });
  const { body: booking } = await customer.create(flight);
  await endByHand({ booking });
  await disrupt(flight, UNTOLD_AFTER_MINUTES + 1);
  expect(await reconcile(shop)).toMatchObject({
    toldBookings: [],
    failed: [{ part: 'schedule_changes', item: booking.id }],
  });
  await shop
    .db('bookings')
    .where({ id: booking.id })
    .update({ payment_required_by: minutesAgo(11) });
  expect(await reconcile(shop)).toMatchObject({
    releasedHolds: [booking.id],
    toldBookings: [booking.id],
    failed: [],
  });
  expect(await noticeOf({ booking }).first()).toMatchObject({
    state: 'settled',
    outcome: 'cancelled',
  });
});

test('an offer past its time, whose workflow is gone, is closed: the booking ends, all goes back', async () => {
  const sale = await sold();
  await disrupt(sale.flight, UNTOLD_AFTER_MINUTES + 1);
  await reconcile(shop);
  await untilWaiting(sale);
  await endByHand(sale);
  await noticeOf(sale).update({ respond_by: minutesAgo(OVERDUE_AFTER_MINUTES + 1) });
  expect((await reconcile(shop)).toldBookings).toEqual([sale.booking.id]);
  const ended = await untilSeen(async () => {
    const { body } = await sale.customer.read(sale.booking.id);
    return body.refund?.status === 'succeeded' ? body : undefined;
  });
  expect(ended).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'flight_cancelled',
    refund: { amount: sale.booking.price.amount },
  });
});

test.each([
  ['', 0],
  [', also after its flight has left', -1],
])('a change that nobody finishes is undone%s', async (_when, departsInMinutes) => {
  const sale = await sold();
  const other = await shop.flight({ seats: 2 });
  const { id: bookingId } = sale.booking;
  const request = { bookingId, customerId: sale.customerId };
  const quote = await quoteChange(shop.db, request, [{ replaces: 0, flightIds: [other.id] }]);
  await endByHand(sale);
  await holdChange(shop.db, changeBy(request, quote), new Date());
  await shop
    .db('changes')
    .where({ booking_id: bookingId })
    .update({ created_at: minutesAgo(11) });
  if (departsInMinutes !== 0) await shop.reschedule(sale.flight, departsInMinutes);
  expect((await reconcile(shop)).restoredWorkflows).toContain(bookingId);
  await untilSeen(async () => {
    const row = await shop.db('changes').where({ booking_id: bookingId }).first();
    return row?.status === 'failed' ? row : undefined;
  });
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 2, held: 0, sold: 0 });
});

/** A change to another flight that holds its seat, and has been pending for longer than is usual. */
async function longChange(sale: Sold) {
  const other = await shop.flight({ seats: 2 });
  const request = { bookingId: sale.booking.id, customerId: sale.customerId };
  const quote = await quoteChange(shop.db, request, [{ replaces: 0, flightIds: [other.id] }]);
  const change = changeBy(request, quote);
  return {
    other,
    change,
    async age() {
      await shop
        .db('changes')
        .where({ id: change.changeId })
        .update({ created_at: minutesAgo(11) });
    },
    untilItIs: (status: 'completed' | 'failed') =>
      untilSeen(async () => {
        const row = await shop.db('changes').where({ id: change.changeId }).first('status');
        return row?.status === status ? row : undefined;
      }),
  };
}

test('a change that its running workflow has never heard of is undone, and what was taken for it goes back once', async () => {
  const sale = await sold();
  const { other, change, age, untilItIs } = await longChange(sale);
  const { charge } = await beginChange(shop.db, change);
  if (charge === undefined) throw new Error('the change costs nothing');
  const { paymentId, bookingId, amount, currency, paymentMethod } = charge;
  const provider = createSandboxGateway(shop.dbOf('sandbox'));
  const money = { amount, currency };
  const startedAt = new Date();
  const reserved = await provider.authorize({
    paymentId,
    bookingId,
    money,
    paymentMethod,
    startedAt,
  });
  if (reserved.status !== 'authorized') throw new Error(reserved.status);
  await provider.capture(reserved.providerPaymentId);
  await age();

  expect((await reconcile(shop)).restoredWorkflows).toContain(bookingId);
  await untilItIs('failed');
  const sandboxRefunds = () =>
    shop.db('sandbox_provider.refunds').where({ payment_intent_id: reserved.providerPaymentId });
  expect(await untilSeen(async () => (await sandboxRefunds())[0])).toMatchObject({ amount });
  expect((await reconcile(shop)).restoredWorkflows).not.toContain(bookingId);
  expect(await sandboxRefunds()).toHaveLength(1);
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 2, held: 0, sold: 0 });
  expect(await sale.customer.cancel(sale.booking)).toMatchObject({ status: 200 });
});

test('a change whose customer still confirms with their bank is left to its workflow', async () => {
  const sale = await sold();
  const { change, age, untilItIs } = await longChange(sale);
  const workflow = shop.env.client.workflow.getHandle(sale.booking.workflowId);
  shop.provider.setBank('asks_the_customer');
  const { bookingId, ...request } = change;
  expect(await workflow.executeUpdate(changeBooking, { args: [request] })).toMatchObject({
    outcome: 'action_required',
  });
  await age();
  expect(await reconcile(shop)).toMatchObject({ restoredWorkflows: [], failed: [] });
  shop.provider.setBank('lets_through');
  await workflow.signal(paymentUpdated);
  await untilItIs('completed');
  expect((await sale.customer.read(bookingId)).body.status).toBe('booked');
});

test('what can’t be told hides nothing else', async () => {
  const [one, other] = [await sold(), await sold()];
  for (const { flight } of [one, other]) await disrupt(flight, UNTOLD_AFTER_MINUTES + 1);
  const bookings = createBookingWorkflows(shop.env.client, 'nobody');
  const { tellOverdueBookings } = reconciliationActivities({
    db: shop.dbOf('worker'),
    providers: createPaymentProviders(createSandboxGateway(shop.dbOf('sandbox'))),
    paymentWorkflows: createPaymentWorkflows(shop.env.client, 'nobody'),
    workflows: createWorkflowLookup(shop.env.client),
    bookingWorkflows: {
      ...bookings,
      tellSold: (sale, id) =>
        sale.booking.id === one.booking.id
          ? Promise.reject(new Error('This one can’t be told.'))
          : bookings.tellSold(sale, id),
    },
  });
  expect(await tellOverdueBookings()).toEqual({
    told: [other.booking.id],
    failed: [{ item: one.booking.id, reason: 'This one can’t be told.' }],
  });
});
