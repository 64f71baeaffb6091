import { randomUUID } from 'node:crypto';
import type { ExternalPaymentReport } from '../../src/temporal/contracts/booking';
import { ADULT_PRICE } from '../support/flights';
import { stateOf, transfer, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Reports of payments by the dozen, of our own provider, and what is said of them. */

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(() => {
  shop.provider.repair();
});

/** Writes into our provider's own books that it took money for a booking. */
async function takenBySandbox({ request: { bookingId } }: Sale, details = {}): Promise<string> {
  const id = `spi_${randomUUID()}`;
  await shop.db('sandbox_provider.payment_intents').insert({
    id,
    idempotency_key: randomUUID(),
    booking_id: bookingId,
    ...ADULT_PRICE,
    payment_method: 'pm_card_visa',
    status: 'captured',
    captured_at: new Date(),
    ...details,
  });
  return id;
}

const ofSandbox = (providerPaymentId: string): Partial<ExternalPaymentReport> => ({
  provider: 'sandbox',
  providerPaymentId,
});

/** What operators read on the workflow's page. */
async function notesOf({ handle }: Sale): Promise<string> {
  return handle
    .query<string>('__temporal_workflow_metadata')
    .then((metadata) => (metadata as unknown as { currentDetails?: string }).currentDetails ?? '');
}

async function activitiesOf({ handle }: Sale): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
}

test('two hundred payments that do not fit take a handful of activities, and one that fits still books', async () => {
  const sale = await shop.hold();
  const wrong = Array.from({ length: 200 }, (_, index) =>
    sale.payExternally({ amount: index + 1 }),
  );
  await Promise.all(wrong);
  await sale.payExternally();
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toHaveLength(201);
  expect(await sale.refunds()).toHaveLength(200);
  expect(
    (await activitiesOf(sale)).filter((name) => name === 'recordUnappliedPayments').length,
  ).toBeLessThan(100);
  expect(await sale.state()).toMatchObject({ externalPaymentCount: 201 });
  expect((await sale.state()).externalPayments).toHaveLength(20);
});

test('of two hundred payments that fit, all waiting for our own charge, the first books once the card is declined', async () => {
  const sale = await shop.hold();
  const authorization = shop.provider.pause('authorize');
  const paying = sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  await authorization.reached;
  const first = transfer();
  await sale.payExternally(first);
  await Promise.all(Array.from({ length: 200 }, () => sale.payExternally()));
  await stateOf(sale, ({ externalPaymentCount }) => externalPaymentCount === 201);
  authorization.letIn();
  await paying;
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  const paid = (await sale.payments()).filter(({ applied }) => applied);
  expect(paid).toMatchObject([{ provider_payment_id: first.providerPaymentId }]);
  expect(await sale.refunds()).toEqual(
    Array(200).fill({ status: 'needs_operator', ...ADULT_PRICE, reason: 'second_payment' }),
  );
});

describe('of our own provider', () => {
  test('a payment that it has captured for the booking books', async () => {
    const sale = await shop.hold();
    await sale.payExternally(ofSandbox(await takenBySandbox(sale)));
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  });

  test('a payment that it does not have books nothing, is on record, and is owed to nobody', async () => {
    const sale = await shop.hold();
    await sale.payExternally(ofSandbox('spi_made-up'));
    await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'not_found');
    expect(await sale.payments()).toMatchObject([{ status: 'not_found', applied: false }]);
    expect(await sale.refunds()).toEqual([]);
    expect(await sale.seats()).toMatchObject({ held: 1 });
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  });

  test('a payment that it did not have at first books when it is reported again', async () => {
    const sale = await shop.hold();
    const id = `spi_${randomUUID()}`;
    await sale.payExternally(ofSandbox(id));
    await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'not_found');
    await takenBySandbox(sale, { id });
    await sale.payExternally(ofSandbox(id));
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
    expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: true }]);
  });

  test('while it is silent nothing books; when it is back before the deadline, the payment does', async () => {
    const sale = await shop.hold();
    shop.provider.lose('requests', 'find');
    await sale.payExternally(ofSandbox(await takenBySandbox(sale)));
    await shop.env.sleep('90s');
    // On record already, and still asked for.
    expect(await sale.payments()).toMatchObject([{ status: 'not_found', applied: false }]);
    expect(await sale.state()).toMatchObject({ status: 'pending' });
    shop.provider.repair();
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
    expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: true }]);
  });

  test('when it stays silent the deadline is kept, and the payment is on record', async () => {
    const sale = await shop.hold();
    const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
    shop.provider.lose('requests', 'find');
    await sale.payExternally(ofSandbox(await takenBySandbox(sale)));
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
    const { closeTime } = await sale.handle.describe();
    expect((closeTime?.getTime() ?? Infinity) - deadline).toBeLessThan(10_000);
    expect(await sale.payments()).toMatchObject([{ status: 'not_found' }]);
    expect(await sale.refunds()).toEqual([]);
  });

  test('the report of our own charge that comes before we have booked changes and says nothing', async () => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay();
    await capture.reached;
    await sale.payExternally(ofSandbox(await sale.chargeId()));
    capture.letIn();
    await paying;
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
    expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: true }]);
    expect(await sale.state()).toMatchObject({ externalPayments: [], externalPaymentCount: 0 });
    expect(await notesOf(sale)).not.toContain('sandbox');
  });
});

test('what became of a payment is said once it is on record, with what was sent and what was wanted', async () => {
  const sale = await shop.hold();
  await shop.whileBookingIsLocked(sale, async () => {
    await sale.payExternally({ provider: 'acme', amount: 1_000 });
    await shop.untilSomeoneWaits();
    expect(await notesOf(sale)).not.toContain('acme');
  });
  await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'not_applied');
  expect(await notesOf(sale)).toContain(
    'acme sent 10.00 USD; the price is 120.00 USD; it is being returned.',
  );
});
