import { randomUUID } from 'node:crypto';
import { audit } from '../../src/activities/audit';
import { findStuck } from '../../src/operations/stuck/stuck';
import { startPayment } from '../../src/db/payments/card-payments';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import type { Booking } from '../../src/domain/booking';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import type { Violation } from '../../src/temporal/contracts/reconciliation';
import { settleRefund } from '../../src/temporal/contracts/refund';
import { scheduleChangeWorkflowId } from '../../src/temporal/contracts/schedule-change';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { expectReplay, newKey, type Client } from '../api/client';
import { openStorefront, type Storefront } from '../support/api';
import { backUp } from '../support/backup';
import { paymentFor, seatsByState, type FlightOnSale } from '../support/flights';
import { reconcile } from '../support/reconcile';
import {
  refundIn,
  STARTING_MS,
  transfer,
  untilRefund,
  untilRefunded,
  untilSeen,
} from '../support/shop';

/**
 * Our database and Temporal's stand at two different instants, as after a restore from a backup.
 * What docs/recovery.md says to do then is done here.
 */

let shop: Storefront;
let customer: Client;
/** On sale before each backup. */
let flight: FlightOnSale;

beforeEach(async () => {
  shop = await openStorefront();
  customer = await shop.customer();
  flight = await shop.flight({ seats: 12 });
}, STARTING_MS);

afterEach(() => shop.close(), STARTING_MS);

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

async function create(key = newKey()): Promise<Booking> {
  const { status, body } = await customer.create(flight, {}, key);
  expect(status).toBe(201);
  return body;
}

async function sell(key?: string): Promise<Booking> {
  const booking = await create(key);
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  return booking;
}

/** Waits until what a cancellation owes has gone back. */
async function refundOf({ body }: { body: Booking }): Promise<void> {
  await untilRefunded(shop.db, body.payment?.id ?? '');
}

/** What `temporal workflow reset --type FirstWorkflowTask` does. */
async function resetToItsBeginning(workflowId: string): Promise<void> {
  const reset = {
    namespace: 'default',
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: 4,
    requestId: randomUUID(),
    reason: 'our database was restored',
  };
  await shop.env.client.workflowService.resetWorkflowExecution(reset as never);
}

async function untilStatus({ id }: Booking, status: Booking['status']): Promise<void> {
  await untilSeen(async () => {
    const row = await shop.db('bookings').where({ id }).first('status');
    return row?.status === status ? row : undefined;
  });
}

/** What the provider has done with the money of a booking's own charges. */
async function providersBooks(...bookings: Booking[]) {
  const ids = bookings.map(({ id }) => id);
  const { rows } = await shop.db.raw<{ rows: { status: string; refunds: number }[] }>(
    `SELECT i.status, (SELECT count(*) FROM sandbox_provider.refunds r
       WHERE r.payment_intent_id = i.id) AS refunds
     FROM sandbox_provider.payment_intents i WHERE i.booking_id = ANY(?)`,
    [ids],
  );
  return rows;
}

/** The auditor and `stuck` find nothing, except broken rules that the test explains. */
async function expectNothingWrong(...explained: Partial<Violation>[]): Promise<void> {
  const { db } = shop;
  const { client } = shop.env;
  expect(await audit(db, createWorkflowLookup(client))).toMatchObject(explained);
  expect(await findStuck({ db, client, taskQueue: 'bookings' })).toEqual([]);
}

test('bookings that a backup of our database lacks come back once their workflows are reset', async () => {
  const [paidLater, cancelledLater] = [await create(), await create()];
  const refundedLater = await sell();
  const restore = await backUp(shop.db);
  await customer.pay(paidLater);
  await customer.cancel(cancelledLater);
  await refundOf(await customer.cancel(refundedLater));
  const [held, sold, gone] = [await create(), await sell(), await sell()];
  await refundOf(await customer.cancel(gone));
  const transferred = await create();
  await shop.env.client.workflow
    .getHandle(transferred.workflowId)
    .signal(paymentReceived, transfer());
  for (const booking of [paidLater, cancelledLater, transferred]) await shop.settled(booking);

  await restore();
  const all = [paidLater, cancelledLater, refundedLater, held, sold, gone, transferred];
  for (const { workflowId } of all) await resetToItsBeginning(workflowId);
  // What was cancelled is cancelled again: Temporal sends the new run its messages.
  for (const booking of [cancelledLater, refundedLater, gone])
    await untilStatus(booking, 'cancelled');
  await untilStatus(transferred, 'booked');
  for (const booking of [paidLater, held, sold]) await untilStatus(booking, 'pending');
  // Its provider knows of each payment: the workflow is told of it, and sells the seats again.
  expect((await reconcile(shop)).deliveredPayments).toHaveLength(3);
  for (const booking of [paidLater, sold]) await untilStatus(booking, 'booked');

  // Its money has gone back already: a person looks, and closes the refund.
  const [payment] = await shop.db('payments').where({ booking_id: gone.id });
  const again = payment?.id ?? '';
  await untilRefund(shop.env, again, 'needs_operator');
  await refundIn(shop.env, again).executeUpdate(settleRefund, {
    args: [{ settledBy: 'op-7', note: 'It went back before the restore.' }],
  });

  const afterwards = await reconcile(shop);
  expect(afterwards).toMatchObject({ deliveredPayments: [], disagreements: [], failed: [] });
  // Of a refund that was settled by hand the sandbox's books know more than ours.
  const invariant = "the sandbox provider's refunds are ours, a pending one explaining any other";
  await expectNothingWrong({ invariant, count: 1 });
  expect(await providersBooks(paidLater, sold)).toEqual([
    { status: 'captured', refunds: 0 },
    { status: 'captured', refunds: 0 },
  ]);
  for (const booking of [refundedLater, gone])
    expect(await providersBooks(booking)).toEqual([{ status: 'captured', refunds: 1 }]);
  expect(await customer.read(sold.id)).toMatchObject({
    body: { reference: sold.reference, status: 'booked' },
  });
  expect(await customer.pay(held)).toMatchObject({
    status: 201,
    body: { bookingStatus: 'booked' },
  });
});

test('a sale that is not brought back is refunded, and no seat is given to two bookings', async () => {
  const lastSeat = await shop.flight({ seats: 1 });
  const restore = await backUp(shop.db);
  const sold = await sell();
  const { body: held } = await customer.create(lastSeat);

  await restore();
  const rival = await shop.customer();
  expect(await rival.create(lastSeat)).toMatchObject({ status: 201 });
  await resetToItsBeginning(held.workflowId);
  await untilStatus(held, 'cancelled');
  expect((await reconcile(shop)).deliveredPayments).toHaveLength(1);
  await untilSeen(async () => {
    const [charge] = await providersBooks(sold);
    return charge?.refunds === 1 ? charge : undefined;
  });

  expect(await customer.read(held.id)).toMatchObject({
    body: { status: 'cancelled', cancellationReason: 'seats_unavailable' },
  });
  expect(await seatsByState(shop.db, lastSeat.id)).toEqual({ free: 0, held: 1, sold: 0 });
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 12, held: 0, sold: 0 });
  await expectNothingWrong();
});

test('a schedule change that the backup lacks is ordered again with its key, and offered again', async () => {
  const sold = await sell();
  const restore = await backUp(shop.db);
  const operator = await shop.operator();
  const key = { 'x-idempotency-key': newKey() };
  const order = () =>
    operator.post<ScheduleChange>(
      `/api/v1/flights/${flight.id}/schedule-changes`,
      { kind: 'cancelled', reason: 'Fog.' },
      key,
    );
  const offered = () =>
    untilSeen(async () => (await customer.read(sold.id)).body.scheduleChange ?? undefined);
  const { body: first } = await order();
  const offer = await offered();
  await shop.env.client.workflow.getHandle(scheduleChangeWorkflowId(first.id)).result();

  await restore();
  expect(await customer.read(sold.id)).toMatchObject({ body: { scheduleChange: null } });
  expect(await order()).toMatchObject({ status: 202, body: { id: first.id, affected: 1 } });
  expect(await offered()).toMatchObject({ ...offer, respondBy: expect.any(String) as unknown });
  expect(await customer.cancel(sold)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  await expectNothingWrong();
});

test('with all of Temporal lost, no seat stays held, no charge open, and keys return what they did', async () => {
  const [soldKey, heldKey] = [newKey(), newKey()];
  const sold = await sell(soldKey);
  const held = await create(heldKey);
  const before = await customer.create(flight, {}, heldKey);
  const charged = await create();
  const paymentId = await beginCharge(charged);
  await loseTemporal([sold, held, charged]);

  expectReplay(await customer.create(flight, {}, heldKey), before);
  const long = { payment_required_by: minutesAgo(11) };
  await shop.db('bookings').where({ status: 'pending' }).update(long);
  await shop
    .db('payments')
    .where({ id: paymentId })
    .update({ created_at: minutesAgo(11) });
  expect(await reconcile(shop)).toMatchObject({
    releasedHolds: [held.id],
    resumedRefunds: [paymentId],
  });
  expect(await refundIn(shop.env, paymentId).result()).toMatchObject({ status: 'nothing_owed' });
  expect(await reconcile(shop)).toMatchObject({ releasedHolds: [charged.id], violations: [] });
  await expectNothingWrong();

  expect(await customer.cancel(sold)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 12, held: 0, sold: 0 });
});

/** A charge that the provider has authorized and that is on record as under way. */
async function beginCharge(booking: Booking): Promise<string> {
  const payment = paymentFor({ bookingId: booking.id, customerId: 'someone' });
  await startPayment(shop.db, payment, 'sandbox');
  const { paymentId, bookingId, amount, currency, paymentMethod } = payment;
  const money = { amount, currency };
  await createSandboxGateway(shop.db).authorize({ paymentId, bookingId, money, paymentMethod });
  return paymentId;
}

/** Temporal has nothing of what it had, as with an empty database. These bookings are open. */
async function loseTemporal(open: Booking[]): Promise<void> {
  const { workflow, workflowService } = shop.env.client;
  const all = new Set<string>();
  // The list is a moment behind.
  await untilSeen(async () => {
    for await (const { workflowId } of workflow.list()) all.add(workflowId);
    return open.every(({ workflowId }) => all.has(workflowId)) || undefined;
  });
  for (const workflowId of all)
    await workflowService.deleteWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
    });
  await untilSeen(async () => ((await workflow.count()).count === 0 ? true : undefined));
}
