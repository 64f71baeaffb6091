import { randomUUID } from 'node:crypto';
import { make, quotedBy, sellRoundTrip } from '../../scripts/stories/changed-sales';
import { retryRefund, settleRefund } from '../../src/cli/money/refunds';
import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { createPaymentProviders } from '../../src/payments/providers';
import { beginChange } from '../db/making-changes';
import { listRefundsOfPayment } from '../../src/db/refunds/payment-refunds-view';
import { refundIn, untilRefund, untilSeen, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Each refund of a changed booking has a workflow of its own, whoever or whatever starts it. */

const shop = shopOfSuite(devServerEnvironment);

afterEach(async () => {
  expect(await auditBooks(shop.db)).toEqual([]);
});

/** What an operator's commands use. */
const systemOf = () => ({
  db: shop.db,
  client: shop.env.client,
  taskQueue: 'bookings',
  providers: createPaymentProviders(shop.provider.gateway),
});

const SETTLEMENT = { settledBy: 'op-7', note: 'SEPA 4711' };

/** A sold booking that was changed for a fee: two payments, and both go back if it is cancelled. */
async function changedForFee(): Promise<Sale> {
  const sale = await shop.sell();
  const other = await shop.flight();
  await make(sale, await quotedBy(shop, sale, [{ replaces: 0, flightIds: [other.id] }]));
  return sale;
}

/** The refund of a booking's change, once the provider has given the money back. */
async function refundOfChange({ request }: Sale) {
  return untilSeen(async () => {
    const change = await shop.db('changes').where({ booking_id: request.bookingId }).first('id');
    return shop
      .db('refunds')
      .where({ change_id: change?.id ?? '', status: 'succeeded' })
      .first();
  });
}

async function expectAllRefunded(sale: Sale, amounts: number[]): Promise<void> {
  const refunds = await untilSeen(async () => {
    const parts: { status: string; amount: number }[] = await sale.refunds();
    return parts.every(({ status }) => status === 'succeeded') ? parts : undefined;
  });
  const given = refunds.map(({ amount }): number => amount);
  expect(given.sort((one, other) => one - other)).toEqual(amounts);
}

test('what goes back for a cheaper flight, and fails at the provider after all, is owed again', async () => {
  const { sale, exchanges } = await sellRoundTrip(shop);
  await make(sale, await quotedBy(shop, sale, exchanges));
  const refund = await refundOfChange(sale);
  await refundIn(shop.env, refund.id).result();
  const [payment] = await sale.payments();
  await shop.paymentWorkflows.accept({
    provider: 'sandbox',
    eventId: randomUUID(),
    type: 'refund.failed',
    bookingId: sale.request.bookingId,
    captured: null,
    refund: {
      kind: 'refund',
      provider: 'sandbox',
      status: 'failed',
      refundId: refund.id,
      amount: refund.amount,
      currency: refund.currency,
      toldAt: new Date().toISOString(),
      providerPaymentId: payment?.provider_payment_id ?? '',
      providerRefundId: refund.provider_refund_id ?? '',
    },
  });
  expect(await untilRefund(shop.env, refund.id, 'needs_operator')).toMatchObject({});
});

test('cancelled through an API of an earlier release, every payment of it goes back', async () => {
  const sale = await changedForFee();
  await sale.handle.terminate();
  expect(await shop.cancelSaleAsBefore(sale)).toMatchObject({ outcome: 'cancelled' });
  await expectAllRefunded(sale, [2_500, 9_500]);
});

test('cancelled by a worker that died then, every payment of it goes back once it is restored', async () => {
  const sale = await changedForFee();
  await sale.handle.terminate();
  await cancelBookedBooking(shop.db, sale.request.bookingId, {
    asOperator: false,
    actor: sale.request.customerId,
    requestedAt: new Date(),
    ourProviders: ['sandbox'],
  });
  await shop.restore(sale);
  await expectAllRefunded(sale, [2_500, 9_500]);
});

test('changed by a worker that died then, the difference goes back once the booking is restored', async () => {
  const { sale, exchanges } = await sellRoundTrip(shop);
  const change = await quotedBy(shop, sale, exchanges);
  await sale.handle.terminate();
  await (await beginChange(shop.db, change)).complete();
  await shop.restore(sale);
  expect((await refundOfChange(sale)).amount).toBeGreaterThan(0);
});

test('of two open refunds of one payment, an operator settles the one that is named', async () => {
  const { sale, exchanges } = await sellRoundTrip(shop);
  const paymentId = (await sale.payments())[0]?.id ?? '';
  const theirs = () =>
    shop.db('sandbox_provider.payment_intents').where({ idempotency_key: paymentId });
  const { amount } = await theirs().first<{ amount: number }>('amount');
  // The provider disagrees, so both wait for a person.
  await theirs().update({ amount: 1 });
  await make(sale, await quotedBy(shop, sale, exchanges));
  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
  const refunds = await untilSeen(async () => {
    const listed = await listRefundsOfPayment(shop.db, paymentId);
    const areWaiting = listed.every(({ status }) => status === 'needs_operator');
    return listed.length === 2 && areWaiting ? listed : undefined;
  });
  const [ofChange, final] = refunds as [(typeof refunds)[0], (typeof refunds)[0]];
  for (const key of [ofChange.refundId, paymentId])
    await untilRefund(shop.env, key, 'needs_operator');
  expect([ofChange.isOfChange, final.isOfChange]).toEqual([true, false]);
  const system = systemOf();
  const several = `${ofChange.refundId}, 165.00 USD (change, needs_operator); ${final.refundId}, 350.00 USD`;
  await expect(settleRefund(system, { paymentId }, SETTLEMENT)).rejects.toThrow(several);
  const retry = { requestedBy: 'op-7', note: 'again' };
  await expect(retryRefund(system, { paymentId }, retry)).rejects.toThrow(several);
  await expect(
    settleRefund(system, { paymentId, refundId: randomUUID() }, SETTLEMENT),
  ).rejects.toThrow(`Payment ${paymentId} has no refund`);

  const { refundId } = ofChange;
  expect(await settleRefund(system, { paymentId, refundId }, SETTLEMENT)).toEqual({
    paymentId,
    refundId,
    status: 'succeeded',
    whyOperator: null,
    ...ofChange.money,
  });
  expect(await listRefundsOfPayment(shop.db, paymentId)).toEqual([
    { ...ofChange, status: 'succeeded' },
    final,
  ]);
  // One is left, so that it need not be named.
  expect(await settleRefund(system, { paymentId }, SETTLEMENT)).toMatchObject({
    refundId: final.refundId,
    status: 'succeeded',
    ...final.money,
  });
  await expect(settleRefund(system, { paymentId, refundId }, SETTLEMENT)).rejects.toThrow(
    `Refund ${refundId} of payment ${paymentId} has been made already.`,
  );
  await theirs().update({ amount });
});

test('nothing is sent beside what someone returned at the provider, until a person has settled it', async () => {
  const { sale, exchanges } = await sellRoundTrip(shop);
  const paymentId = (await sale.payments())[0]?.id ?? '';
  const atProvider = () => shop.db('sandbox_provider.refunds');
  const byHand = { id: `sre_${randomUUID()}`, payment_intent_id: await sale.chargeId() };
  await atProvider().insert({ ...byHand, idempotency_key: randomUUID(), amount: 16_500 });

  await make(sale, await quotedBy(shop, sale, exchanges));
  const { refundId } = await untilSeen(
    async () => (await listRefundsOfPayment(shop.db, paymentId))[0],
  );
  expect(await untilRefund(shop.env, refundId, 'needs_operator')).toMatchObject({
    whyOperator: 'refused',
  });
  const amounts = () =>
    atProvider().where({ payment_intent_id: byHand.payment_intent_id }).pluck('amount');
  expect(await amounts()).toEqual([16_500]);

  await settleRefund(systemOf(), { paymentId, refundId }, SETTLEMENT);
  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
  await expectAllRefunded(sale, [16_500, 35_000]);
  expect((await amounts()).toSorted()).toEqual([16_500, 35_000]);
  await atProvider().where({ id: byHand.id }).delete();
});
