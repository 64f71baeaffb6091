import type { CardPayment } from '../../src/temporal/contracts/booking';
import { ADULT_PRICE, paymentFor } from '../support/flights';
import { recordCharge, recordPayment } from '../support/orphaned-payments';
import { refundIn, refusalOf, stateOf, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/**
 * A worker may die when it has put a payment on record, and before its workflow hears of it. The
 * customer's next payment must neither wait for that one for ever, nor charge them twice.
 */

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(() => {
  shop.provider.repair();
});

/** Puts a payment on record, unheard of by the workflow. */
const forget = (sale: Sale) => recordPayment(shop.db, sale);

/** Puts a charge for a payment into the provider's books, as far as it got. */
const charge = (payment: CardPayment, status: 'authorized' | 'captured') =>
  recordCharge(shop.db, payment, status);

/** What our own books have of a payment. */
async function recordOf({ paymentId }: CardPayment) {
  return shop.db('payments').where({ id: paymentId }).first('status', 'applied');
}

/** What the provider's books have of a payment. */
async function chargesOf({ paymentId }: CardPayment): Promise<string[]> {
  return shop
    .db('sandbox_provider.payment_intents')
    .where({ idempotency_key: paymentId })
    .pluck('status');
}

/** Pays with another key, and expects that this payment, and no other, has booked the seats. */
async function expectBookedByAnother(sale: Sale): Promise<void> {
  const another = paymentFor(sale.request);
  expect(await sale.pay(another)).toMatchObject({ outcome: 'captured' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.seats()).toMatchObject({ held: 0, sold: 1 });
  expect(await chargesOf(another)).toEqual(['captured']);
  expect(await recordOf(another)).toEqual({ status: 'captured', applied: true });
}

test('one that the provider never heard of makes way, and stays voided', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  await expectBookedByAnother(sale);
  expect(await recordOf(forgotten)).toEqual({ status: 'voided', applied: false });
  expect(await chargesOf(forgotten)).toEqual([]);
});

test('one whose money is reserved is let go', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  await charge(forgotten, 'authorized');
  await expectBookedByAnother(sale);
  expect(await recordOf(forgotten)).toEqual({ status: 'voided', applied: false });
  expect(await chargesOf(forgotten)).toEqual(['voided']);
});

test('one whose money was taken goes back', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  await charge(forgotten, 'captured');
  await expectBookedByAnother(sale);
  expect(await recordOf(forgotten)).toEqual({ status: 'captured', applied: false });
  expect(await refundIn(shop.env, forgotten.paymentId).result()).toMatchObject({
    status: 'succeeded',
  });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('one whose money goes back pays for nothing, though its payer tries it again', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  await charge(forgotten, 'captured');
  const declined = { paymentMethod: 'pm_card_chargeDeclined' };
  expect(await sale.pay(declined)).toMatchObject({ outcome: 'declined' });
  expect(await refusalOf(sale.pay(forgotten))).toBe('booking_not_payable');
  expect(await recordOf(forgotten)).toEqual({ status: 'captured', applied: false });
  expect(await sale.state()).toMatchObject({ status: 'pending' });
  await sale.cancel();
});

test('one that is still there at the deadline is undone, though nobody pays again', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  await charge(forgotten, 'authorized');
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await refundIn(shop.env, forgotten.paymentId).result()).toMatchObject({
    status: 'nothing_owed',
  });
  expect(await recordOf(forgotten)).toEqual({ status: 'voided', applied: false });
  expect(await chargesOf(forgotten)).toEqual(['voided']);
});

test('when the provider says nothing about it until sales close, the booking ends, and the next payer hears so', async () => {
  const sale = await shop.hold({ on: await shop.flight({ departsInMinutes: 62 }) });
  const forgotten = await forget(sale);
  shop.provider.lose('requests', 'find');
  const paying = refusalOf(sale.pay(paymentFor(sale.request)));
  await stateOf(sale, ({ activity }) => activity === 'paying');

  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
  expect(await paying).toBe('booking_not_payable');
  expect(await sale.seats()).toMatchObject({ free: 6 });
  shop.provider.repair();
  expect(await refundIn(shop.env, forgotten.paymentId).result()).toMatchObject({
    status: 'nothing_owed',
  });
  expect(await recordOf(forgotten)).toEqual({ status: 'voided', applied: false });
});

test('its own retry takes it up, and charges once', async () => {
  const sale = await shop.hold();
  const forgotten = await forget(sale);
  expect(await sale.pay(forgotten)).toMatchObject({ outcome: 'captured' });
  expect(await recordOf(forgotten)).toEqual({ status: 'captured', applied: true });
  expect(await chargesOf(forgotten)).toEqual(['captured']);
  expect(await sale.payments()).toHaveLength(1);
});
