import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { paymentUpdated } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { NEXT_ACTION } from '../support/provider';
import { refusalOf, stateOf, transfer, untilRefund, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Banks may want their customer to confirm a payment first, as 3-D Secure does. */

const shop = shopOfSuite(timeSkippingEnvironment);

beforeEach(() => {
  shop.provider.setBank('asks_the_customer');
});

afterEach(async () => {
  expect(await auditBooks(shop.db)).toEqual([]);
});

const hint = (sale: Sale) => sale.handle.signal(paymentUpdated);

/** A booking whose payer has been told to confirm with their bank; returns what they pay with. */
async function asked(): Promise<{ sale: Sale; payment: { paymentId: string } }> {
  const sale = await shop.hold();
  const payment = { paymentId: randomUUID(), idempotencyKey: `key-${randomUUID()}` };
  expect(await sale.pay(payment)).toMatchObject({
    outcome: 'action_required',
    payment: { id: payment.paymentId, status: 'processing', nextAction: NEXT_ACTION },
  });
  return { sale, payment };
}

/** How the charge stands at the provider. */
async function chargeOf({ paymentId }: { paymentId: string }): Promise<string | undefined> {
  const intents = shop.db('sandbox_provider.payment_intents');
  const [status] = await intents.where({ idempotency_key: paymentId }).pluck<string[]>('status');
  return status;
}

/** Why nothing was taken, where that is on the customer's side. */
async function whyVoided({ paymentId }: { paymentId: string }): Promise<string | null | undefined> {
  const row = await shop
    .db('booking_events AS e')
    .join('payments AS p', 'p.booking_id', 'e.booking_id')
    .where({ 'p.id': paymentId, 'e.type': 'payment_voided' })
    .first<{ reason: string | null } | undefined>('e.reason');
  return row?.reason;
}

test('the payer is told at once, and nothing is taken meanwhile', async () => {
  const { sale, payment } = await asked();
  expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'paying' });
  expect(await sale.payments()).toMatchObject([{ status: 'processing', applied: false }]);
  expect(await chargeOf(payment)).toBe('authorized');
  // The same payment once more gets the same answer; another one has to wait.
  expect(await sale.pay(payment)).toMatchObject({ outcome: 'action_required' });
  expect(await refusalOf(sale.pay())).toBe('payment_in_progress');
  expect(await refusalOf(sale.cancel())).toBe('payment_in_progress');
  await sale.handle.cancel();
  await sale.settled();
});

test('an event that the customer has agreed books at once', async () => {
  const { sale } = await asked();
  const before = await shop.env.currentTimeMs();
  shop.provider.setBank('lets_through');
  await hint(sale);
  await sale.settled();
  expect((await shop.env.currentTimeMs()) - before).toBeLessThan(30_000);
  expect(await sale.row()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: true }]);
});

test('a lost event costs a minute: the provider is asked again', async () => {
  const { sale } = await asked();
  shop.provider.setBank('lets_through');
  await shop.env.sleep(61_000);
  await sale.settled();
  expect(await sale.row()).toMatchObject({ status: 'booked' });
});

test('a customer who fails to confirm is declined, and may pay otherwise', async () => {
  const { sale } = await asked();
  shop.provider.setBank('declines');
  await hint(sale);
  await stateOf(sale, ({ activity }) => activity === 'awaiting_payment');
  expect(await sale.payments()).toMatchObject([
    { status: 'declined', decline_code: 'authentication_failed' },
  ]);
  shop.provider.setBank('lets_through');
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  await sale.settled();
});

test('an event without a change has no effect, however often it comes', async () => {
  const { sale } = await asked();
  await Promise.all(Array.from({ length: 20 }, () => hint(sale)));
  expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'paying' });
  shop.provider.setBank('lets_through');
  await hint(sale);
  await sale.settled();
  expect(await sale.payments()).toMatchObject([{ status: 'captured' }]);
});

test('an event before there is a payment has no effect', async () => {
  const sale = await shop.hold();
  await hint(sale);
  shop.provider.setBank('lets_through');
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  await sale.settled();
});

test('a customer who never acts keeps nobody’s seat: at the deadline the charge is given up', async () => {
  const { sale, payment } = await asked();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'payment_expired',
  });
  const { closeTime } = await sale.handle.describe();
  expect(Math.abs((closeTime?.getTime() ?? 0) - deadline)).toBeLessThan(2_000);
  expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
  expect(await chargeOf(payment)).toBe('voided');
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  // So the hold counts as one that its customer let go of.
  expect(await whyVoided(payment)).toBe('not_confirmed');
});

test('Temporal’s own Cancel gives the charge up at once', async () => {
  const { sale, payment } = await asked();
  await sale.handle.cancel();
  await sale.settled();
  expect(await sale.row()).toMatchObject({ cancellation_reason: 'operator_request' });
  expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
  expect(await chargeOf(payment)).toBe('voided');
});

test('money of another service waits while the customer is asked, and goes back once they have paid', async () => {
  const { sale } = await asked();
  const news = transfer();
  await sale.payExternally(news);
  await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'waiting');
  shop.provider.setBank('lets_through');
  await hint(sale);
  await sale.settled();
  expect(await untilRefund(shop.env, externalPaymentId(news), 'needs_operator')).toMatchObject({
    whyOperator: 'foreign_provider',
  });
  expect(await sale.refunds()).toMatchObject([{ reason: 'second_payment' }]);
});

test('money of another service that came in time books, when the customer never acts', async () => {
  const { sale, payment } = await asked();
  await sale.payExternally();
  await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'waiting');
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await chargeOf(payment)).toBe('voided');
  expect(await sale.refunds()).toEqual([]);
});
