import { auditBooks } from '../../src/db/audit/auditor';
import { findBookingStatus, readKnownBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { quoteCancellation } from '../../src/domain/cancellation';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { cancelBooking } from '../../src/temporal/clients/cancel-booking';
import type { SoldBooking } from '../../src/temporal/clients/restoration';
import type { ExternalPayment } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { retryRefund } from '../../src/temporal/contracts/refund';
import { ADULT_PRICE } from '../support/flights';
import {
  refundIn,
  refusalOf,
  stateOf,
  transfer,
  untilRefund,
  untilRefunded,
  type Sale,
} from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { expectOnRecordFirst } from './on-record-first';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(async () => {
  shop.provider.repair();
  expect(await auditBooks(shop.db)).toEqual([]);
});

const ALL_FREE = { free: 6, held: 0, sold: 0 };

const cancellationsOf = ({ request: { bookingId } }: Sale) =>
  shop.db('booking_events').where({ booking_id: bookingId, type: 'cancelled' });

test('a sale is undone: the seats are free, the money goes back, and then its workflow ends', async () => {
  const sale = await shop.sell();
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
  expect(await shop.cancelSale(sale)).toMatchObject({
    outcome: 'cancelled',
    booking: {
      status: 'cancelled',
      cancellationReason: 'customer_request',
      refund: { status: 'pending', ...ADULT_PRICE },
    },
  });
  expect(await sale.seats()).toEqual(ALL_FREE);
  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
  });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
});

test('a cancellation is on record before anything is done for it', async () => {
  const sale = await shop.sell();
  const cancellation = { activity: 'cancelSale', ask: () => shop.cancelSale(sale) };
  expect(await expectOnRecordFirst(shop, sale, cancellation)).toMatchObject({
    outcome: 'cancelled',
  });
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
});

test('an operator undoes a sale by an update of its workflow, with a full refund', async () => {
  const sale = await shop.hold({ on: await shop.flight({ refundable: false }) });
  await sale.pay();
  const operator = { requestedBy: 'operator-1', asOperator: true, reason: 'aircraft change' };
  expect(await sale.cancel(operator)).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'operator_request',
    refund: ADULT_PRICE,
  });
  expect(await cancellationsOf(sale)).toMatchObject([
    { actor: 'operator-1', reason: 'aircraft change' },
  ]);
});

test('nobody else can undo a sale: to them there is no such booking', async () => {
  const sale = await shop.sell();
  expect(await refusalOf(sale.cancel({ requestedBy: 'someone-else' }))).toBe('booking_not_found');
  expect(await sale.state()).toMatchObject({ status: 'booked' });
});

test('a provider that is away holds up the refund and the end of the workflow, not the seats', async () => {
  shop.provider.lose('requests', 'refund', 'find');
  const sale = await shop.sell();
  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.seats()).toEqual(ALL_FREE);
  expect(await sale.refunds()).toMatchObject([{ status: 'pending' }]);
  expect(await sale.state()).toMatchObject({ status: 'cancelled', activity: 'refunding' });
  shop.provider.repair();
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
});

test('what was asked for by several at once is done once, as the first has asked for it', async () => {
  const sale = await shop.sell();
  const answers = await Promise.all([
    shop.cancelSale(sale),
    shop.cancelSale(sale, { requestedBy: 'operator-1', asOperator: true }),
    shop.cancelSale(sale),
  ]);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  await sale.outcome();
  expect(await sale.refunds()).toHaveLength(1);
  expect(await cancellationsOf(sale)).toHaveLength(1);
});

test('one that is refused changes nothing, and the one that waits behind it has its turn', async () => {
  const sale = await shop.sell();
  const [wrong, right] = await shop.whileBookingIsLocked(sale, async () => {
    const first = shop.cancelSale(sale, { expectedRefund: { amount: 1, currency: 'USD' } });
    await shop.untilSomeoneWaits();
    return [first, shop.cancelSale(sale, { expectedRefund: ADULT_PRICE })];
  });
  expect(await wrong).toMatchObject({ outcome: 'refused', code: 'quote_changed' });
  expect(await right).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
});

test('one whose outcome is refused leaves the booking open for the next', async () => {
  const sale = await shop.sell();
  const other = { expectedRefund: { amount: 1, currency: 'USD' } };
  for (let again = 0; again < 3; again += 1)
    expect(await shop.cancelSale(sale, other)).toMatchObject({ code: 'quote_changed' });
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
});

describe('Temporal’s own Cancel', () => {
  test('undoes a sale at the operator’s request, with a full refund', async () => {
    const sale = await shop.hold({ on: await shop.flight({ refundable: false }) });
    await sale.pay();
    await sale.handle.cancel();
    expect(await sale.outcome()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
    });
    expect(await sale.seats()).toEqual(ALL_FREE);
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
  });

  test('comes too late for what has begun: that is seen through, once', async () => {
    const sale = await shop.sell();
    const [cancelling] = await shop.whileBookingIsLocked(sale, async () => {
      const cancelled = shop.cancelSale(sale);
      await shop.untilSomeoneWaits();
      await sale.handle.cancel();
      return [cancelled];
    });
    expect(await cancelling).toMatchObject({
      outcome: 'cancelled',
      booking: { cancellationReason: 'customer_request' },
    });
    await sale.outcome();
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
    expect(await cancellationsOf(sale)).toHaveLength(1);
  });
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

test('the departure ends it, booked; from then on a cancellation is refused', async () => {
  const sale = await shop.hold({ on: await shop.flight({ departsInMinutes: 24 * 60 }) });
  await sale.pay();
  expect(await sale.outcome()).toMatchObject({ status: 'booked', cancellationReason: null });
  const { closeTime } = await sale.handle.describe();
  const flight = await shop
    .db('flights')
    .where({ id: sale.request.flightId ?? '' })
    .first();
  const lateMs = (closeTime?.getTime() ?? 0) - (flight?.departure_at.getTime() ?? 0);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(60_000);
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'closed' });
  expect(await shop.cancelSale(sale)).toMatchObject({ code: 'booking_not_cancellable' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.refunds()).toEqual([]);
});

describe('after the sale', () => {
  test('a payment of another service goes back, and the booking stays as it is', async () => {
    const sale = await shop.sell();
    const second = transfer();
    await sale.payExternally(second);
    const { bookingId } = sale.request;
    const payment: ExternalPayment = { bookingId, ...second };
    await untilRefund(shop.env, externalPaymentId(payment), 'needs_operator');
    expect(await sale.refunds()).toMatchObject([{ reason: 'second_payment' }]);
    expect(await sale.state()).toMatchObject({
      status: 'booked',
      activity: 'awaiting_departure',
      externalPayments: [{ status: 'not_applied' }],
    });
  });

  test('a card is not charged again, and the first payment’s answer stays', async () => {
    const sale = await shop.hold();
    const details = { paymentId: '5f2c8f0e-9a51-4a5c-8f60-5d1f0a3f9b10' };
    const first = await sale.pay(details);
    expect(await refusalOf(sale.pay())).toBe('booking_not_payable');
    expect(await sale.pay(details)).toEqual(first);
    expect(await sale.payments()).toHaveLength(1);
  });
});

describe('a sale whose workflow was terminated', () => {
  async function terminated(): Promise<Sale> {
    const sale = await shop.sell();
    await sale.handle.terminate();
    return sale;
  }

  test('is undone once, by a run that is started again for it', async () => {
    const sale = await terminated();
    const answers = await Promise.all([shop.cancelSale(sale), shop.cancelSale(sale)]);
    expect(answers).toMatchObject([{ outcome: 'cancelled' }, { outcome: 'cancelled' }]);
    expect(await sale.outcome()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
    });
    expect(await sale.refunds()).toHaveLength(1);
    expect(await cancellationsOf(sale)).toHaveLength(1);
  });

  test('is undone for the refund that was quoted, and for no other', async () => {
    const sale = await terminated();
    const other = { expectedRefund: { amount: 1, currency: 'USD' } };
    expect(await shop.cancelSale(sale, other)).toMatchObject({ code: 'quote_changed' });
    await sale.handle.terminate();
    const quoted = { expectedRefund: ADULT_PRICE };
    expect(await shop.cancelSale(sale, quoted)).toMatchObject({ outcome: 'cancelled' });
    expect(await sale.refunds()).toMatchObject([{ amount: ADULT_PRICE.amount }]);
  });

  test('stays booked until its departure, once it is started again', async () => {
    const sale = await terminated();
    await shop.restore(sale);
    const state = await stateOf(sale, ({ activity }) => activity === 'awaiting_departure');
    expect(state).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
    expect(await refusalOf(sale.pay())).toBe('booking_not_payable');
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  });

  test('is returned cancelled, where it was cancelled before: nothing goes back twice', async () => {
    const sale = await shop.sell();
    await shop.cancelSale(sale);
    const before = await sale.outcome();
    expect(await shop.cancelSale(sale, { asOperator: true })).toMatchObject({
      outcome: 'cancelled',
      booking: { cancellationReason: 'customer_request' },
    });
    expect(await sale.outcome()).toEqual(before);
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
    expect(await cancellationsOf(sale)).toHaveLength(1);
  });

  test('is not restored for someone else, nor if nobody has paid', async () => {
    const sale = await terminated();
    const unpaid = await shop.hold();
    await unpaid.handle.terminate();
    const someoneElses = { ...sale.request, customerId: 'someone-else' };
    for (const { bookingId, customerId } of [someoneElses, unpaid.request]) {
      const again = await shop.start({ bookingId, customerId, restored: true } as never);
      await expect(again.outcome()).rejects.toMatchObject({ cause: { type: 'booking_not_found' } });
    }
    expect(await unpaid.row()).toMatchObject({ status: 'pending' });
  });
});

test('what an API of an earlier release cancels, by a workflow of its own, ends the booking’s workflow as well', async () => {
  const sale = await shop.sell();
  expect(await shop.cancelSaleAsBefore(sale)).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
  });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
  expect(await cancellationsOf(sale)).toHaveLength(1);
});

test('against an API of an earlier release at the same time: it is cancelled once', async () => {
  const sale = await shop.sell();
  const answers = await Promise.all([shop.cancelSaleAsBefore(sale), shop.cancelSale(sale)]);
  expect(answers).toMatchObject([{ outcome: 'cancelled' }, { outcome: 'cancelled' }]);
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await sale.refunds()).toHaveLength(1);
  expect(await cancellationsOf(sale)).toHaveLength(1);
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
    await untilRefunded(shop.db, payment?.id ?? '');
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

test('what was read before the terms changed is refused, and who expects the new ones is obeyed', async () => {
  const sale = await shop.hold({ on: await shop.flight({ departsInMinutes: 5 * 24 * 60 }) });
  await sale.pay();
  const { bookingId, customerId } = sale.request;
  const booking = await readKnownBooking(shop.db, bookingId);
  const asOfNow = await readSale(shop.db, bookingId);
  if (asOfNow === undefined) throw new Error('Bug: the booking of the test was never sold');
  /** Cancels it with what the sale, as it is read by the API, refunds. */
  const cancelAsReadFrom = (read: SoldBooking) =>
    cancelBooking(
      {
        workflows: createBookingWorkflows(shop.env.client, 'bookings'),
        readBooking: () => Promise.resolve({ booking }),
        readSale: () => Promise.resolve(read),
      },
      {
        caller: { id: customerId, isOperator: false },
        booking,
        expectedRefund: quoteCancellation(read, { byOperator: false, at: new Date() }).refund,
      },
    );
  // Of a flight that was further away all goes back.
  const departureAt = new Date(asOfNow.bookedAt.getTime() + 30 * 24 * 60 * 60_000);
  await expect(cancelAsReadFrom({ ...asOfNow, departureAt })).rejects.toMatchObject({
    code: 'quote_changed',
  });
  expect(await sale.state()).toMatchObject({ status: 'booked' });
  expect(await cancelAsReadFrom(asOfNow)).toMatchObject({ status: 'cancelled' });
});
