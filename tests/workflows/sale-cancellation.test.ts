import { auditBooks } from '../../src/db/audit/auditor';
import { findBookingStatus } from '../../src/db/bookings/booking-view';
import type { ExternalPayment } from '../../src/temporal/contracts';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { cancellationWorkflowId, retryRefund } from '../../src/temporal/refund-contracts';
import { ADULT_PRICE } from '../support/flights';
import { refundIn, transfer, untilRefund, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(async () => {
  shop.provider.repair();
  expect(await auditBooks(shop.db)).toEqual([]);
});

const ALL_FREE = { free: 6, held: 0, sold: 0 };

const handleOf = ({ request: { bookingId } }: Sale) =>
  shop.env.client.workflow.getHandle(cancellationWorkflowId(bookingId));

/** Waits until everything that a booking paid has gone back as far as it is owed. */
async function refunded(sale: Sale): Promise<unknown[]> {
  await handleOf(sale).result();
  return sale.refunded();
}

test('a sale is undone: the seats are free, and the money goes back', async () => {
  const sale = await shop.sell();
  expect(await shop.cancelSale(sale)).toMatchObject({
    outcome: 'cancelled',
    booking: {
      status: 'cancelled',
      cancellationReason: 'customer_request',
      refund: { status: 'pending', ...ADULT_PRICE },
    },
  });
  expect(await sale.seats()).toEqual(ALL_FREE);
  expect(await refunded(sale)).toMatchObject([{ status: 'succeeded' }]);
});

test('a provider that is away holds up the refund, not the seats', async () => {
  shop.provider.lose('requests', 'refund', 'find');
  const sale = await shop.sell();
  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.seats()).toEqual(ALL_FREE);
  expect(await sale.refunds()).toMatchObject([{ status: 'pending' }]);
  shop.provider.repair();
  expect(await refunded(sale)).toMatchObject([{ status: 'succeeded' }]);
});

test('what was asked for by several at once is done once, as the first has asked for it', async () => {
  const sale = await shop.sell();
  const answers = await Promise.all([
    shop.cancelSale(sale),
    shop.cancelSale(sale, { requestedBy: 'operator-1', asOperator: true }),
    shop.cancelSale(sale),
  ]);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await refunded(sale)).toHaveLength(1);
  expect(await sale.refunds()).toHaveLength(1);
  const events = shop.db('booking_events').where({ booking_id: sale.request.bookingId });
  expect(await events.where({ type: 'cancelled' })).toHaveLength(1);
});

test('Temporal’s own Cancel comes too late: what has begun is seen through', async () => {
  const sale = await shop.sell();
  const [cancelling] = await shop.whileBookingIsLocked(sale, async () => {
    const cancelled = shop.cancelSale(sale);
    await shop.untilSomeoneWaits();
    await handleOf(sale).cancel();
    return [cancelled];
  });
  expect(await cancelling).toMatchObject({ outcome: 'cancelled' });
  expect(await refunded(sale)).toMatchObject([{ status: 'succeeded' }]);
});

test('a booking that nobody has paid for is not undone like that', async () => {
  const sale = await shop.hold();
  expect(await shop.cancelSale(sale)).toMatchObject({
    outcome: 'refused',
    code: 'booking_not_found',
  });
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_payment' });
});

test('a booking whose flight has left is not undone', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  const now = await shop.env.currentTimeMs();
  await shop
    .db('flights')
    .where({ id: flight.id })
    .update({ departure_at: new Date(now - 60_000) });
  expect(await shop.cancelSale(sale, { asOperator: true })).toMatchObject({
    outcome: 'refused',
    code: 'booking_not_cancellable',
  });
  expect(await sale.seats()).toMatchObject({ sold: 1 });
  expect(await sale.refunds()).toEqual([]);
});

test('money that comes a second time, while the sale is being undone, goes back as well', async () => {
  for (let round = 0; round < 5; round += 1) {
    const sale = await shop.sell();
    const { bookingId } = sale.request;
    const second: ExternalPayment = { bookingId, ...transfer() };
    await Promise.all([
      shop.cancelSale(sale),
      shop.paymentWorkflows.deliver(second, () => findBookingStatus(shop.db, bookingId)),
    ]);
    const [payment] = await sale.payments();
    await untilRefund(shop.env, payment?.id ?? '', 'succeeded');
    await untilRefund(shop.env, externalPaymentId(second), 'needs_operator');
    expect(await sale.refunds()).toHaveLength(2);
    expect(await sale.seats()).toEqual(ALL_FREE);
  }
});

test('a payment that our provider no longer knows is left to a person, and goes back once it is known again', async () => {
  const sale = await shop.sell();
  const [payment] = await sale.payments();
  const paymentId = payment?.id ?? '';
  const intents = () => shop.db('sandbox_provider.payment_intents');
  const lost = await intents().where({ idempotency_key: paymentId }).delete().returning('*');
  await shop.cancelSale(sale);
  expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
    whyOperator: 'not_found',
  });
  await intents().insert(lost);
  const retry = { requestedBy: 'op-1', note: 'their books are whole again' };
  await refundIn(shop.env, paymentId).executeUpdate(retryRefund, { args: [retry] });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
});
