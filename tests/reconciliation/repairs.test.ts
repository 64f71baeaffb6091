import { randomUUID } from 'node:crypto';
import { audit } from '../../src/activities/audit';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import type { Booking } from '../../src/domain/booking';
import { bookingState } from '../../src/temporal/contracts/booking';
import { RECONCILIATION_WORKFLOW } from '../../src/temporal/contracts/reconciliation';
import { ensureSchedules } from '../../src/temporal/clients/schedules';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { expectReplay, newKey, type Client } from '../api/client';
import { openStorefront, type Storefront } from '../support/api';
import { seatsByState, type FlightOnSale } from '../support/flights';
import { putRoundTripOnSale } from '../support/itineraries';
import { reconcile } from '../support/reconcile';
import { STARTING_MS, untilSeen } from '../support/shop';
import { terminate } from '../support/terminate';

/**
 * What Temporal's own Terminate and Reset do to a booking, and what reconciliation does about it.
 */

let shop: Storefront;

beforeAll(async () => {
  shop = await openStorefront();
}, STARTING_MS);

afterAll(() => shop.close(), STARTING_MS);

interface Hold {
  customer: Client;
  flight: FlightOnSale;
  booking: Booking;
}

async function hold(): Promise<Hold> {
  const customer = await shop.customer();
  const flight = await shop.flight({ seats: 2 });
  const { status, body: booking } = await customer.create(flight);
  expect(status).toBe(201);
  return { customer, flight, booking };
}

/** Moves the deadline so far into the past, in the database alone. */
async function backdate({ booking }: Pick<Hold, 'booking'>, minutes: number): Promise<void> {
  await shop
    .db('bookings')
    .where({ id: booking.id })
    .update({ payment_required_by: new Date(Date.now() - minutes * 60_000) });
}

describe('a booking whose workflow was terminated', () => {
  test('has its seats back on sale once it is ten minutes past its deadline, and its key answers as before', async () => {
    const customer = await shop.customer();
    const flight = await shop.flight({ seats: 2 });
    const key = newKey();
    const first = await customer.create(flight, {}, key);
    await terminate(shop.env.client, first.body.workflowId);

    await backdate({ booking: first.body }, 9);
    expect((await reconcile(shop)).releasedHolds).toEqual([]);
    expect(await seatsByState(shop.db, flight.id)).toMatchObject({ held: 1 });

    await backdate({ booking: first.body }, 11);
    const report = await reconcile(shop);
    expect(report).toMatchObject({ releasedHolds: [first.body.id], leftHolds: [] });
    expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 2, held: 0, sold: 0 });
    expect((await customer.read(first.body.id)).body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'payment_expired',
    });
    expectReplay(await customer.create(flight, {}, key), first);
    // What is settled stays settled.
    expect((await reconcile(shop)).releasedHolds).toEqual([]);
  });

  test('keeps its seats while a payment may still explain it', async () => {
    const held = await hold();
    await terminate(shop.env.client, held.booking.workflowId);
    await shop.db('payments').insert({
      id: randomUUID(),
      booking_id: held.booking.id,
      customer_id: 'someone',
      idempotency_key: newKey(),
      request_fingerprint: 'f',
      status: 'processing',
      amount: held.booking.price.amount,
      currency: held.booking.price.currency,
      provider: 'sandbox',
    });
    await backdate(held, 11);
    expect(await reconcile(shop)).toMatchObject({ releasedHolds: [], leftHolds: [] });
    expect(await seatsByState(shop.db, held.flight.id)).toMatchObject({ held: 1 });
  });

  test('is found by the audit', async () => {
    const { booking } = await hold();
    await terminate(shop.env.client, booking.workflowId);
    const violations = await audit(shop.db, createWorkflowLookup(shop.env.client));
    const found = violations.find(
      ({ invariant }) => invariant === 'a pending booking has its workflow running',
    );
    expect(found?.examples).toContain(booking.id);
  });
});

test('a booking whose workflow runs is never touched, however late it looks', async () => {
  const held = await hold();
  await backdate(held, 60);
  const report = await reconcile(shop);
  expect(report.releasedHolds).not.toContain(held.booking.id);
  expect(report.leftHolds).toContain(held.booking.id);
  expect(await seatsByState(shop.db, held.flight.id)).toMatchObject({ held: 1 });
});

test('a booked booking whose workflow is reset to its beginning stays as it is, and is charged once', async () => {
  const customer = await shop.customer();
  const flight = await shop.flight({ seats: 2 });
  const { body: booking } = await customer.create(flight);
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  const before = (await customer.read(booking.id)).text;

  const { client } = shop.env;
  const reset = {
    namespace: 'default',
    workflowExecution: { workflowId: booking.workflowId },
    // The end of the first workflow task: the reservation is made again, and all that came after
    // it.
    workflowTaskFinishEventId: 4,
    requestId: randomUUID(),
    reason: 'by hand',
  };
  // Its types want event IDs as objects; numbers are taken as well.
  const { runId } = await client.workflowService.resetWorkflowExecution(reset as never);
  const again = client.workflow.getHandle(booking.workflowId, runId);
  await untilSeen(async () => {
    const { status, activity } = await again.query(bookingState);
    return status === 'booked' && activity === 'awaiting_departure' ? status : undefined;
  });

  expect((await customer.read(booking.id)).text).toBe(before);
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 1, held: 0, sold: 1 });
  expect(
    await shop.db.withSchema('sandbox_provider').from('payment_intents').pluck('status'),
  ).toEqual(['captured']);
});

describe('a sold booking whose workflow is gone', () => {
  async function sold() {
    const customer = await shop.customer();
    const { body: booking } = await customer.create(await shop.flight());
    expect(await customer.pay(booking)).toMatchObject({ status: 201 });
    return { customer, booking, workflow: shop.env.client.workflow.getHandle(booking.workflowId) };
  }

  const isOpen = async ({ workflow }: Awaited<ReturnType<typeof sold>>) =>
    (await workflow.query(bookingState)).activity === 'awaiting_departure';

  /** Waits until lists have its workflow. */
  const untilListed = async ({ booking }: Awaited<ReturnType<typeof sold>>) => {
    const query = `WorkflowId = '${booking.workflowId}' AND ExecutionStatus = 'Running'`;
    await untilSeen(async () => {
      const { count } = await shop.env.client.workflow.count(query);
      return count > 0 ? count : undefined;
    });
  };

  test('since it was terminated, has it started again, once, and can be cancelled by it', async () => {
    const sale = await sold();
    await terminate(shop.env.client, sale.booking.workflowId);
    expect((await reconcile(shop)).restoredWorkflows).toContain(sale.booking.id);
    expect((await reconcile(shop)).restoredWorkflows).not.toContain(sale.booking.id);
    expect(await isOpen(sale)).toBe(true);
    expect(await sale.customer.cancel(sale.booking)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect(await sale.workflow.result()).toMatchObject({ status: 'cancelled' });
  });

  test('or has missed that it was cancelled, is told: the money goes back, and it ends', async () => {
    const sale = await sold();
    const { id } = sale.booking;
    await cancelBookedBooking(shop.db, id, {
      asOperator: false,
      actor: 'someone',
      requestedAt: new Date(),
      ourProviders: ['sandbox'],
    });
    expect((await reconcile(shop)).restoredWorkflows).toContain(id);
    expect(await sale.workflow.result()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
    });
    expect((await sale.customer.read(id)).body.refund).toMatchObject({ status: 'succeeded' });
    expect((await reconcile(shop)).restoredWorkflows).not.toContain(id);
  });

  test('since Temporal has lost it, has it started again when all are compared', async () => {
    const [lost, running, departed] = [await sold(), await sold(), await sold()];
    for (const { booking } of [lost, departed]) await shop.forget(booking);
    await shop.reschedule(departed.booking.flight, -1);
    await untilListed(running);
    const { restoredWorkflows } = await reconcile(shop, { auditsEverything: true });
    expect(restoredWorkflows).toContain(lost.booking.id);
    expect(restoredWorkflows).not.toContain(running.booking.id);
    expect(restoredWorkflows).not.toContain(departed.booking.id);
    expect(await isOpen(lost)).toBe(true);
  });
});

describe('a hold that Temporal has lost', () => {
  /** Deletes a workflow that is under way. */
  async function lose({ workflowId }: Booking): Promise<void> {
    const { workflowService, workflow } = shop.env.client;
    const workflowExecution = { workflowId };
    await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
    await untilSeen(async () => {
      const isThere = await workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      return isThere === undefined ? true : undefined;
    });
  }

  const comparesAll = { auditsEverything: true } as const;

  test('is taken up again with its deadline and its seats when all are compared, once, and can be paid for', async () => {
    const customer = await shop.customer();
    const flight = await shop.flight({ seats: 2 });
    const key = newKey();
    const first = await customer.create(flight, {}, key);
    await lose(first.body);
    expect(await customer.pay(first.body)).toMatchObject({ status: 409 });

    expect((await reconcile(shop, comparesAll)).restoredWorkflows).toContain(first.body.id);
    expect((await reconcile(shop, comparesAll)).restoredWorkflows).not.toContain(first.body.id);
    const workflow = shop.env.client.workflow.getHandle(first.body.workflowId);
    expect(await workflow.query(bookingState)).toMatchObject({
      status: 'pending',
      activity: 'awaiting_payment',
      paymentRequiredBy: first.body.paymentRequiredBy,
    });
    expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 1, held: 1, sold: 0 });
    expectReplay(await customer.create(flight, {}, key), first);
    expect(await customer.pay(first.body)).toMatchObject({ status: 201 });
    expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 1, held: 0, sold: 1 });
  });

  test('of several flights keeps the seats of all of them', async () => {
    const customer = await shop.customer();
    const { slices } = await putRoundTripOnSale(shop.db);
    const { status, body } = await customer.create({ id: '' }, { flightId: undefined, slices });
    expect(status).toBe(201);
    await lose(body);
    expect((await reconcile(shop, comparesAll)).restoredWorkflows).toContain(body.id);
    expect(await customer.pay(body)).toMatchObject({ status: 201 });
    expect((await customer.read(body.id)).body).toMatchObject({
      status: 'booked',
      slices: body.slices,
      passengers: body.passengers,
    });
  });

  test('ends at its deadline when nobody pays, and its owner may cancel it before', async () => {
    const [late, given] = [await hold(), await hold()];
    for (const { booking } of [late, given]) await lose(booking);
    await backdate(late, 1);
    await reconcile(shop, comparesAll);
    await untilSeen(async () => {
      const row = await shop.db('bookings').where({ id: late.booking.id }).first('status');
      return row?.status === 'cancelled' ? row : undefined;
    });
    expect(await seatsByState(shop.db, late.flight.id)).toMatchObject({ held: 0 });
    expect(await given.customer.cancel(given.booking)).toMatchObject({ status: 200 });
    expect(await seatsByState(shop.db, given.flight.id)).toMatchObject({ held: 0 });
  });

  test('stays as it is when its workflow was ended by a person', async () => {
    const held = await hold();
    await terminate(shop.env.client, held.booking.workflowId);
    expect((await reconcile(shop, comparesAll)).restoredWorkflows).not.toContain(held.booking.id);
  });
});

test('the schedule is there after any number of starts, every half an hour', async () => {
  const { client } = shop.env;
  await ensureSchedules(client, 'bookings');
  await ensureSchedules(client, 'bookings');
  const { spec, action } = await client.schedule.getHandle('reconciliation').describe();
  expect(spec.intervals).toMatchObject([{ every: 30 * 60_000 }]);
  expect(action).toMatchObject({ workflowType: RECONCILIATION_WORKFLOW, taskQueue: 'bookings' });
});

test('every night a run audits everything, and reports what it finds beside what fails', async () => {
  const { client } = shop.env;
  await ensureSchedules(client, 'bookings');
  const { action } = await client.schedule.getHandle('nightly-audit').describe();
  expect(action).toMatchObject({
    workflowType: RECONCILIATION_WORKFLOW,
    args: [{ auditsEverything: true, comparesDays: true }],
  });

  const { booking } = await hold();
  await shop.db.raw('REVOKE SELECT ON sandbox_provider.refunds FROM flight_bookings_worker');
  await shop.db('passengers').where({ booking_id: booking.id }).delete();
  const { violations, failed } = await reconcile(shop, { auditsEverything: true });
  await shop.db.raw('GRANT SELECT ON sandbox_provider.refunds TO flight_bookings_worker');
  const found = violations.find(
    ({ invariant }) => invariant === 'passengers sit in the seats of their booking',
  );
  expect(found?.examples).toContain(booking.id);
  const ofRefunds = "the sandbox provider's refunds are ours, a pending one explaining any other";
  expect(failed).toMatchObject([{ part: 'audit', item: ofRefunds }]);
});
