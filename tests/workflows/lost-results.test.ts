import { randomUUID } from 'node:crypto';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { holdChange } from '../../src/db/changes/hold-change';
import { confirmWithExternalPayment } from '../../src/db/payments/captures';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { scheduleChanged } from '../../src/temporal/contracts/schedule-change';
import { changeBy, quoteChange } from '../db/making-changes';
import { seatsByState } from '../support/flights';
import { refusalOf, stateOf, transfer, untilSeen, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/**
 * The database knows of something that the workflow doesn't: Temporal was killed before it recorded
 * what a step had done, and the message that asked for it was lost with it; or an operator has
 * reset the workflow to a point before. No money may move on the workflow's word alone.
 */

const shop = shopOfSuite(timeSkippingEnvironment);

/** What the provider's books have of a booking. */
async function chargesOf({ request: { bookingId } }: Sale): Promise<unknown[]> {
  return shop.db
    .withSchema('sandbox_provider')
    .from('payment_intents as i')
    .joinRaw('JOIN public.payments p ON p.id::text = i.idempotency_key')
    .where({ 'p.booking_id': bookingId });
}

async function holdThatWasCancelled(): Promise<Sale> {
  const sale = await shop.hold();
  await cancelInDatabase(sale);
  return sale;
}

async function cancelInDatabase({ request }: Sale): Promise<void> {
  await cancelUnpaidBooking(shop.db, request, {
    reason: 'customer_request',
    actor: request.customerId,
    requestedAt: new Date(),
  });
}

test('a booking that is cancelled in the database is not charged, and ends as the database has it', async () => {
  const sale = await holdThatWasCancelled();
  expect(await refusalOf(sale.pay())).toBe('booking_not_payable');
  expect(await chargesOf(sale)).toEqual([]);
  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
  });
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('a booking that is cancelled in the database while its card is being charged gives the money back', async () => {
  const sale = await shop.hold();
  const call = shop.provider.pause('authorize');
  const paying = refusalOf(sale.pay());
  await call.reached;
  await cancelInDatabase(sale);
  call.letIn();
  expect(await paying).toBe('booking_not_payable');
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: false }]);
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('money of another service for a booking that is cancelled in the database is recorded, and owed back', async () => {
  const sale = await holdThatWasCancelled();
  await sale.payExternally();
  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
  });
  expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: false }]);
  expect(await sale.refunds()).toMatchObject([{ status: 'needs_operator' }]);
});

test('a booking that is paid for in the database is not charged a second time, and ends as booked', async () => {
  const sale = await shop.hold();
  const { bookingId } = sale.request;
  await confirmWithExternalPayment(shop.db, { ...transfer(), bookingId });
  expect(await refusalOf(sale.pay())).toBe('booking_not_payable');
  expect(await chargesOf(sale)).toEqual([]);
  expect(await sale.outcome()).toMatchObject({ status: 'booked', cancellationReason: null });
  expect(await sale.seats()).toMatchObject({ sold: 1 });
});

test('a hold that a schedule change has ended in the database ends when it hears of that, not at its deadline', async () => {
  const sale = await shop.hold();
  const hasEnded = {
    reason: 'flight_cancelled',
    actor: 'airline',
    requestedAt: new Date(),
  } as const;
  await cancelUnpaidBooking(shop.db, sale.request, hasEnded);
  await sale.handle.signal(scheduleChanged, { scheduleChangeId: randomUUID() });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  const { startTime, closeTime } = await sale.handle.describe();
  expect((closeTime?.getTime() ?? Infinity) - startTime.getTime()).toBeLessThan(60_000);
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('a booking that is sold in the database is sold when it hears of any schedule change, not at its deadline', async () => {
  const sale = await shop.hold();
  const { bookingId } = sale.request;
  await confirmWithExternalPayment(shop.db, { ...transfer(), bookingId });
  await sale.handle.signal(scheduleChanged, { scheduleChangeId: randomUUID() });
  await stateOf(sale, ({ activity }) => activity === 'awaiting_departure');
});

test('a booking whose sale and whose change its workflow has never heard of is sold as it was once it hears of both', async () => {
  const sale = await shop.hold();
  const { bookingId } = sale.request;
  await confirmWithExternalPayment(shop.db, { ...transfer(), bookingId });
  const other = await shop.flight();
  const at = new Date(await shop.env.currentTimeMs());
  const exchanges = [{ replaces: 0, flightIds: [other.id] }];
  const change = changeBy(sale.request, await quoteChange(shop.db, sale.request, exchanges, at));
  await holdChange(shop.db, change, at);
  expect(await createBookingWorkflows(shop.env.client, 'bookings').beginAnew(bookingId)).toBe(true);

  await shop.env.sleep('16m');
  await untilSeen(async () => {
    const row = await shop.db('changes').where({ id: change.changeId }).first('status');
    return row?.status === 'failed' ? row : undefined;
  });
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
});

test('who is refused for a change that the workflow has never heard of is served a moment later', async () => {
  const sale = await shop.hold();
  await sale.pay();
  const other = await shop.flight();
  const at = new Date(await shop.env.currentTimeMs());
  const exchanges = [{ replaces: 0, flightIds: [other.id] }];
  const change = changeBy(sale.request, await quoteChange(shop.db, sale.request, exchanges, at));
  await holdChange(shop.db, change, at);
  const cancel = () => shop.cancelSale(sale);
  expect(await cancel()).toMatchObject({ outcome: 'refused', code: 'change_in_progress' });

  await untilSeen(async () => {
    const row = await shop.db('changes').where({ id: change.changeId }).first('status');
    return row?.status === 'failed' ? row : undefined;
  });
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await cancel()).toMatchObject({ outcome: 'cancelled', booking: { status: 'cancelled' } });
});
