import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundWorkflowId } from '../../src/temporal/contracts/refund';
import { newKey } from '../api/client';
import { PAYMENT_EVENTS, paymentEvent, signed } from '../api/signed-events';
import { openStorefront, type Storefront } from '../support/api';
import { ADULT_PRICE, seatsByState } from '../support/flights';
import { reconcile } from '../support/reconcile';
import { refundIn, STARTING_MS, untilRefund, untilSeen } from '../support/shop';
import { terminate } from '../support/terminate';

/** Money that is stuck, whose report was lost, or on which our provider and our books differ. */

let shop: Storefront;

beforeAll(async () => {
  shop = await openStorefront();
}, STARTING_MS);

afterEach(() => {
  shop.provider.repair();
});

afterAll(() => shop.close(), STARTING_MS);

const ELEVEN_MINUTES_AGO = () => new Date(Date.now() - 11 * 60_000);

async function hold() {
  const customer = await shop.customer();
  const flight = await shop.flight({ seats: 2 });
  const { body: booking } = await customer.create(flight);
  return { customer, flight, booking };
}

/** A charge that the provider has reserved, and a worker that died put on record. */
async function chargeOf(booking: Booking): Promise<string> {
  const paymentId = randomUUID();
  await createSandboxGateway(shop.db).authorize({
    paymentId,
    bookingId: booking.id,
    money: ADULT_PRICE,
    paymentMethod: 'pm_card_visa',
  });
  await shop.db('payments').insert({
    id: paymentId,
    booking_id: booking.id,
    customer_id: 'someone',
    idempotency_key: newKey(),
    request_fingerprint: 'f',
    status: 'processing',
    ...ADULT_PRICE,
    provider: 'sandbox',
    created_at: ELEVEN_MINUTES_AGO(),
  });
  return paymentId;
}

/** Writes into the provider's books that it took money, as if someone had charged there. */
async function takenByProvider(
  details: { booking_id?: string; amount?: number; created_at?: Date } = {},
) {
  const id = `spi_${randomUUID()}`;
  await shop.db('sandbox_provider.payment_intents').insert({
    id,
    idempotency_key: randomUUID(),
    booking_id: null,
    ...ADULT_PRICE,
    payment_method: 'pm_card_visa',
    status: 'captured',
    captured_at: new Date(),
    ...details,
  });
  return id;
}

async function forgetTaken(...ids: string[]): Promise<void> {
  await shop.db('sandbox_provider.payment_intents').whereIn('id', ids).delete();
}

test('a charge whose booking was terminated is undone, and then its seats are free again', async () => {
  const { flight, booking } = await hold();
  const paymentId = await chargeOf(booking);
  await terminate(shop.env.client, booking.workflowId);
  await shop
    .db('bookings')
    .where({ id: booking.id })
    .update({ payment_required_by: ELEVEN_MINUTES_AGO() });

  expect(await reconcile(shop)).toMatchObject({ releasedHolds: [], resumedRefunds: [paymentId] });
  expect(await refundIn(shop.env, paymentId).result()).toMatchObject({ status: 'nothing_owed' });
  expect(await shop.db('payments').where({ id: paymentId }).first()).toMatchObject({
    status: 'voided',
  });
  expect(await reconcile(shop)).toMatchObject({ releasedHolds: [booking.id], resumedRefunds: [] });
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 2, held: 0, sold: 0 });
});

test('money that came for a terminated booking goes back, and keeps nobody from its seats', async () => {
  const { flight, booking } = await hold();
  await terminate(shop.env.client, booking.workflowId);
  const event = paymentEvent(booking);
  expect(await shop.anyone.send('POST', PAYMENT_EVENTS, signed(event))).toMatchObject({
    status: 202,
  });
  await untilRefund(shop.env, externalPaymentId(event.data), 'needs_operator');
  await shop
    .db('bookings')
    .where({ id: booking.id })
    .update({ payment_required_by: ELEVEN_MINUTES_AGO() });
  expect(await reconcile(shop)).toMatchObject({ releasedHolds: [booking.id] });
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 2, held: 0, sold: 0 });
});

test('a charge whose booking is at it is left alone', async () => {
  const { booking } = await hold();
  const paymentId = await chargeOf(booking);
  expect(await reconcile(shop)).toMatchObject({ resumedRefunds: [] });
  await shop.db('payments').where({ id: paymentId }).update({ status: 'voided' });
});

test('a refund whose workflow was terminated is taken up again', async () => {
  const { customer, booking } = await hold();
  await customer.pay(booking);
  const { provider: line } = shop;
  line.lose('requests', 'refund');
  const { body: cancelled } = await customer.cancel(booking);
  const paymentId = cancelled.payment?.id ?? '';
  await untilRefund(shop.env, paymentId, 'pending');
  // Held at the door until nobody asks again: it must not slip through when the line is repaired.
  const attempt = line.pause('refund');
  await attempt.reached;
  await terminate(shop.env.client, refundWorkflowId(paymentId));
  attempt.letIn();
  await shop
    .db('refunds')
    .where({ payment_id: paymentId })
    .update({ created_at: ELEVEN_MINUTES_AGO() });
  line.repair();

  expect(await reconcile(shop)).toMatchObject({ resumedRefunds: [paymentId] });
  expect(await refundIn(shop.env, paymentId).result()).toMatchObject({ status: 'succeeded' });
  expect(await reconcile(shop)).toMatchObject({ resumedRefunds: [] });
});

test('a payment whose report was lost books its booking; one that comes too late is refunded', async () => {
  const inTime = await hold();
  const late = await hold();
  await late.customer.cancel(late.booking);
  const ids = [
    await takenByProvider({ booking_id: inTime.booking.id }),
    await takenByProvider({ booking_id: late.booking.id }),
  ];
  const { deliveredPayments, disagreements } = await reconcile(shop);
  expect(deliveredPayments.sort()).toEqual(ids.sort());
  expect(disagreements).toEqual([]);

  await shop.settled(inTime.booking);
  expect((await inTime.customer.read(inTime.booking.id)).body).toMatchObject({ status: 'booked' });
  const payment = await untilSeen(() =>
    shop.db('payments').where({ booking_id: late.booking.id }).first(),
  );
  expect(await refundIn(shop.env, payment.id).result()).toMatchObject({
    status: 'succeeded',
  });
  expect(await reconcile(shop)).toMatchObject({ deliveredPayments: [], disagreements: [] });
  expect(await auditBooks(shop.db)).toEqual([]);
});

describe('differences from the provider are counted:', () => {
  async function paid() {
    const { customer, booking } = await hold();
    const { body: payment } = await customer.pay(booking);
    return payment;
  }

  const intents = () => shop.db('sandbox_provider.payment_intents');

  test('money that names no booking of ours', async () => {
    const ids = [await takenByProvider(), await takenByProvider({ booking_id: 'order 17' })];
    expect((await reconcile(shop)).disagreements).toMatchObject([
      { kind: 'not_on_record', count: 2, examples: ids },
    ]);
    await forgetTaken(...ids);
  });

  test('money of the last hours; by hand and by night, of two days', async () => {
    const dayAgo = new Date(Date.now() - 24 * 60 * 60_000);
    const id = await takenByProvider({ created_at: dayAgo });
    expect(await reconcile(shop)).toMatchObject({ disagreements: [], failed: [] });
    expect((await reconcile(shop, { comparesDays: true })).disagreements).toMatchObject([
      { kind: 'not_on_record', count: 1, examples: [id] },
    ]);
    await forgetTaken(id);
  });

  test('another amount', async () => {
    const { id } = await paid();
    await intents().where({ idempotency_key: id }).update({ amount: 1 });
    expect((await reconcile(shop)).disagreements).toMatchObject([
      { kind: 'other_amount', count: 1 },
    ]);
    await intents().where({ idempotency_key: id }).update({ amount: ADULT_PRICE.amount });
  });

  test('money that it did not take', async () => {
    const { id } = await paid();
    await intents().where({ idempotency_key: id }).update({ status: 'voided' });
    expect((await reconcile(shop)).disagreements).toEqual([
      { kind: 'not_captured', count: 1, examples: [id] },
    ]);
    await intents().where({ idempotency_key: id }).update({ status: 'captured' });
  });

  test('money that went back without us', async () => {
    const { id } = await paid();
    const intent = (await intents().where({ idempotency_key: id }).first()) as { id: string };
    const refund = { id: 'sre_x', idempotency_key: randomUUID(), payment_intent_id: intent.id };
    await shop.db('sandbox_provider.refunds').insert({ ...refund, amount: 1 });
    expect((await reconcile(shop)).disagreements).toEqual([
      { kind: 'other_refund', count: 1, examples: [intent.id] },
    ]);
    await shop.db('sandbox_provider.refunds').where({ id: 'sre_x' }).delete();
  });

  test('money that it took after we had given up on it', async () => {
    const { booking } = await hold();
    const paymentId = await chargeOf(booking);
    await shop.db('payments').where({ id: paymentId }).update({ status: 'voided' });
    await intents()
      .where({ idempotency_key: paymentId })
      .update({ status: 'captured', captured_at: new Date() });
    expect((await reconcile(shop)).disagreements).toMatchObject([
      { kind: 'taken_nevertheless', count: 1 },
    ]);
    await intents().where({ idempotency_key: paymentId }).delete();
  });
});
