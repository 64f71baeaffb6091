import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { ledgerOf } from '../db/inventory';
import type { BookingState } from '../../src/temporal/contracts/booking';
import { ADULT_PRICE, requestOf } from '../support/flights';
import { whileRivalHolds } from '../support/rival';
import { refusalOf, stateOf, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { expectOnRecordFirst } from './on-record-first';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

/** Its workflow stays open while an operator has to return money. */
const isCancelled = ({ status, activity }: BookingState) =>
  status === 'cancelled' && activity === 'refunding';

test('a customer who cancels gets the cancelled booking, and the seats go back on sale', async () => {
  const sale = await shop.hold();
  expect(await sale.cancel({ reason: 'Changed plans' })).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
    availableActions: [],
  });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
});

test('an operator can cancel anyone’s booking, and it says so', async () => {
  const sale = await shop.hold();
  const cancelled = await sale.cancel({
    requestedBy: 'operator-1',
    asOperator: true,
    reason: 'aircraft change',
  });
  expect(cancelled).toMatchObject({ cancellationReason: 'operator_request' });
  expect(
    await shop
      .db('booking_events')
      .where({ booking_id: sale.request.bookingId, type: 'cancelled' }),
  ).toMatchObject([{ actor: 'operator-1' }]);
});

test.each([
  [{}, 'Missing: reason (which the booking’s owner can read) or note (for staff).'],
  [{ requestedBy: undefined }, 'Missing: requestedBy.'],
  [{ reason: 7, note: 'a\nb' }, 'reason must be text'],
])('an operator who sends %j is told what is missing, with an example', async (fault, what) => {
  const sale = await shop.hold();
  const operator = { requestedBy: 'op-7', asOperator: true };
  const sent = sale.handle.executeUpdate('cancelBooking', { args: [{ ...operator, ...fault }] });
  const failure = await sent.then(
    String,
    (error: unknown) => (error as WorkflowUpdateFailedError).cause,
  );
  expect(failure).toMatchObject({ type: 'validation_failed' });
  const { message } = failure as Error;
  expect(message).toContain(what);
  const [, example = ''] = /Example: (\{.*\})$/.exec(message) ?? [];
  expect(await sale.cancel(JSON.parse(example) as object)).toMatchObject({
    cancellationReason: 'operator_request',
  });
});

test('its cancellation is on record before anything is done for it', async () => {
  const sale = await shop.hold();
  const cancellation = { activity: 'releaseSeats', ask: () => sale.cancel() };
  expect(await expectOnRecordFirst(shop, sale, cancellation)).toMatchObject({
    status: 'cancelled',
  });
});

test('nobody else can cancel it: to them there is no such booking', async () => {
  const sale = await shop.hold();
  expect(await refusalOf(sale.cancel({ requestedBy: 'someone-else' }))).toBe('booking_not_found');
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_payment' });
});

test('concurrent cancellations return the same cancelled booking', async () => {
  const sale = await shop.hold();
  const [one, other] = await Promise.all([sale.cancel(), sale.cancel()]);
  expect(other).toEqual(one);
});

test('a booking that is being paid for can’t be cancelled', async () => {
  const sale = await shop.hold();
  const capture = shop.provider.pause('capture');
  const paying = sale.pay();
  await capture.reached;
  expect(await refusalOf(sale.cancel())).toBe('payment_in_progress');
  capture.letIn();
  expect(await paying).toMatchObject({ outcome: 'captured' });
});

test('cancelling while seats are being claimed puts them back on sale', async () => {
  const request = requestOf(await shop.flight());
  const cancelling = await shop.whileClaimsWait(request.customerId, async () => {
    const sale = await shop.start(request);
    await shop.untilSomeoneWaits();
    return [sale.cancel()];
  });
  expect(await cancelling[0]).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await shop.saleOf(request).outcome()).toMatchObject({ status: 'cancelled' });
  expect(await shop.saleOf(request).seats()).toEqual({ free: 6, held: 0, sold: 0 });
});

test('cancelling a booking that is refused at the same time answers it as it is', async () => {
  const request = requestOf(await shop.flight({ departsInMinutes: 59 }));
  const cancelling = await shop.whileClaimsWait(request.customerId, async () => {
    const sale = await shop.start(request);
    await shop.untilSomeoneWaits();
    return [sale.cancel().catch(() => null)];
  });
  expect([null, expect.objectContaining({ cancellationReason: 'flight_closed' })]).toContainEqual(
    await cancelling[0],
  );
  expect(await shop.saleOf(request).outcome()).toMatchObject({
    cancellationReason: 'flight_closed',
  });
});

describe('Temporal’s own Cancel button', () => {
  test('cancels at the operator’s request, and puts the seats back on sale', async () => {
    const sale = await shop.hold();
    await sale.handle.cancel();
    expect(await sale.outcome()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
    });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    expect(await sale.row()).toMatchObject({ cancellation_reason: 'operator_request' });
  });

  test('pressed twice does it once', async () => {
    const sale = await shop.hold();
    await sale.handle.cancel();
    await sale.handle.cancel().catch(() => undefined);
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'operator_request' });
  });

  test('pressed while seats are being claimed leaves none of them held', async () => {
    const request = requestOf(await shop.flight());
    const sale = shop.saleOf(request);
    await shop.whileClaimsWait(request.customerId, async () => {
      await shop.start(request);
      await shop.untilSomeoneWaits();
      await sale.handle.cancel();
    });
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'operator_request' });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  });

  test('pressed while a card is being charged waits for the answer: a declined one is cancelled', async () => {
    const sale = await shop.hold();
    const authorization = shop.provider.pause('authorize');
    const paying = sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorization.reached;
    await sale.handle.cancel();
    authorization.letIn();

    expect(await paying).toMatchObject({ outcome: 'declined' });
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'operator_request' });
    expect(await sale.seats()).toMatchObject({ held: 0 });
  });

  test('pressed while a provider takes long to reserve the money gives it up, and cancels', async () => {
    const sale = await shop.hold();
    const authorization = shop.provider.pause('authorize');
    const paying = refusalOf(sale.pay({ paymentMethod: 'pm_sandbox_slow' }));
    await authorization.reached;
    await sale.handle.cancel();
    authorization.letIn();

    expect(await paying).toBe('booking_not_payable');
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'operator_request' });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    expect(await paymentsOf(sale)).toEqual([{ ours: 'voided', theirs: 'voided' }]);
    expect(await refundsOf(sale)).toEqual([]);
  });

  test('pressed while the money is being taken books, then cancels with a full refund', async () => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay();
    await capture.reached;
    await sale.handle.cancel();
    capture.letIn();

    expect(await paying).toMatchObject({ outcome: 'captured' });
    expect(await sale.outcome()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
    });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    expect(await refundsOf(sale)).toEqual([{ status: 'succeeded', ...ADULT_PRICE }]);
    expect(await refundedByProvider(sale)).toBe(ADULT_PRICE.amount);
    const balances = Object.values(await ledgerOf(shop.db, sale.request.bookingId));
    expect(balances.every((balance) => balance === 0)).toBe(true);
  });

  test('pressed when the booking is paid for, and other money is still being recorded, counts too', async () => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay();
    await capture.reached;
    await sale.payExternally();
    const lock = 'LOCK TABLE refunds IN SHARE ROW EXCLUSIVE MODE';
    await whileRivalHolds(
      shop.db,
      (rival) => rival.raw(lock),
      async () => {
        capture.letIn();
        await paying;
        await shop.untilSomeoneWaits();
        await sale.handle.cancel();
      },
    );

    expect(await stateOf(sale, isCancelled)).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
    });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    expect(await refundsOf(sale)).toHaveLength(2);
  });

  test('a refund whose answer gets lost is made once', async () => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay({ paymentMethod: 'pm_sandbox_timeout' });
    await capture.reached;
    await sale.handle.cancel();
    capture.letIn();

    expect(await paying).toMatchObject({ outcome: 'captured' });
    expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
    expect(await sale.refunded()).toMatchObject([{ status: 'succeeded' }]);
    expect(await refundsOf(sale)).toEqual([{ status: 'succeeded', ...ADULT_PRICE }]);
    expect(await refundedByProvider(sale)).toBe(ADULT_PRICE.amount);
  });

  test('money that another service took in that moment waits for an operator to send it back', async () => {
    const sale = await shop.hold();
    await shop.whileBookingIsLocked(sale, async () => {
      await sale.payExternally();
      await shop.untilSomeoneWaits();
      await sale.handle.cancel();
    });
    expect(await stateOf(sale, isCancelled)).toMatchObject({
      cancellationReason: 'operator_request',
    });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    expect(await refundsOf(sale)).toEqual([{ status: 'needs_operator', ...ADULT_PRICE }]);
  });
});

/** How a booking's card payments stand, in our books and in the provider's. */
async function paymentsOf({ request }: Sale): Promise<{ ours: string; theirs: string }[]> {
  const { rows } = await shop.db.raw<{ rows: { ours: string; theirs: string }[] }>(
    `SELECT p.status AS ours, i.status AS theirs
     FROM payments p JOIN sandbox_provider.payment_intents i ON i.idempotency_key = p.id::text
     WHERE p.booking_id = ?`,
    [request.bookingId],
  );
  return rows;
}

async function refundsOf({ request }: Sale) {
  return shop
    .db('refunds')
    .join('payments', 'payments.id', 'refunds.payment_id')
    .where({ booking_id: request.bookingId })
    .select('refunds.status', 'refunds.amount', 'refunds.currency');
}

/** What the provider has given back for a booking, in cents. */
async function refundedByProvider({ request }: Sale): Promise<number> {
  const { rows } = await shop.db.raw<{ rows: [{ cents: string }] }>(
    `SELECT coalesce(sum(r.amount), 0) AS cents
     FROM sandbox_provider.refunds r
     JOIN sandbox_provider.payment_intents i ON i.id = r.payment_intent_id
     JOIN payments p ON p.id::text = i.idempotency_key
     WHERE p.booking_id = ?`,
    [request.bookingId],
  );
  return Number(rows[0].cents);
}
