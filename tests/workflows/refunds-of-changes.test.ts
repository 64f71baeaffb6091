import { randomUUID } from 'node:crypto';
import { make, quotedBy, sellRoundTrip } from '../../scripts/stories/changed-sales';
import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { beginChange } from '../db/making-changes';
import { refundIn, untilRefund, untilSeen, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Each refund of a changed booking has a workflow of its own, whoever or whatever starts it. */

const shop = shopOfSuite(devServerEnvironment);

afterEach(async () => {
  expect(await auditBooks(shop.db)).toEqual([]);
});

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
    ...{ provider: 'sandbox', eventId: randomUUID(), type: 'refund.failed' },
    ...{ bookingId: sale.request.bookingId, captured: null },
    refund: {
      ...{ kind: 'refund', provider: 'sandbox', status: 'failed', refundId: refund.id },
      ...{ amount: refund.amount, currency: refund.currency, toldAt: new Date().toISOString() },
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
    ...{ asOperator: false, actor: sale.request.customerId, requestedAt: new Date() },
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
