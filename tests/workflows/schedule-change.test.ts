import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { confirmWithExternalPayment } from '../../src/db/payments/captures';
import { applyScheduleChange } from '../../src/db/schedule-changes/apply';
import { acceptOffer } from '../../src/db/schedule-changes/offers';
import { readScheduleChange } from '../../src/db/schedule-changes/progress-view';
import { createScheduleChangeWorkflows } from '../../src/temporal/clients/schedule-changes';
import { Refused } from '../../src/temporal/clients/refused';
import {
  acceptScheduleChange,
  scheduleChanged,
  scheduleChangeWorkflowId,
  type ScheduleChangeOrder,
} from '../../src/temporal/contracts/schedule-change';
import { ADULT_PRICE, type FlightOnSale } from '../support/flights';
import { refusalOf, stateOf, transfer, untilSeen, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(async () => {
  shop.provider.repair();
  expect(await auditBooks(shop.db)).toEqual([]);
});

const HOUR_MS = 60 * 60_000;
const ALL_FREE = { free: 6, held: 0, sold: 0 };

function cancelled(flight: FlightOnSale): ScheduleChangeOrder {
  return {
    scheduleChangeId: randomUUID(),
    flightId: flight.id,
    kind: 'cancelled',
    reason: 'Fog.',
    requestedBy: 'operator-1',
    fingerprint: 'fingerprint',
  };
}

function moved(flight: FlightOnSale, hours: number): ScheduleChangeOrder {
  const departsAt = flight.departureAt.getTime() + hours * HOUR_MS;
  return {
    ...cancelled(flight),
    kind: 'moved',
    departureAt: new Date(departsAt).toISOString(),
    arrivalAt: new Date(departsAt + 8 * HOUR_MS).toISOString(),
  };
}

/** Changes the flight, and waits until every booking of it has been told. */
async function change(order: ScheduleChangeOrder): Promise<void> {
  await shop.scheduleChanges.change(order);
  const handle = shop.env.client.workflow.getHandle(
    scheduleChangeWorkflowId(order.scheduleChangeId),
  );
  // Its result would be waited for in skipped time.
  await untilSeen(async () => {
    const { status } = await handle.describe();
    return status.name === 'COMPLETED' ? status : undefined;
  });
}

const awaitsResponse = (sale: Sale) =>
  stateOf(sale, ({ activity }) => activity === 'awaiting_response');

async function accept(
  sale: Sale,
  requestedBy = sale.request.customerId,
  seen: { scheduleChangeId?: string } = {},
) {
  return sale.handle.executeUpdate(acceptScheduleChange, {
    args: [{ requestedBy, asOperator: requestedBy === 'operator-1', ...seen }],
  });
}

const progressOf = ({ scheduleChangeId }: ScheduleChangeOrder) =>
  readScheduleChange(shop.db, scheduleChangeId);

test('a cancelled flight: who has paid gets all of it back by itself, and the seats are free', async () => {
  const flight = await shop.flight({ refundable: false });
  const [one, other] = [await shop.sell({ on: flight }), await shop.sell({ on: flight })];
  const order = cancelled(flight);
  const at = await shop.env.currentTimeMs();
  await change(order);
  await Promise.all([one, other].map(awaitsResponse));
  expect(await progressOf(order)).toMatchObject({ affected: 2, waiting: 2, status: 'waiting' });
  expect(await one.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'flight_cancelled',
  });
  await other.outcome();
  const { closeTime } = await one.handle.describe();
  const waitedMs = (closeTime?.getTime() ?? 0) - at;
  expect(waitedMs).toBeGreaterThanOrEqual(72 * HOUR_MS);
  expect(waitedMs).toBeLessThan(73 * HOUR_MS);
  for (const sale of [one, other])
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
  expect(await one.seats()).toEqual(ALL_FREE);
  expect(await progressOf(order)).toMatchObject({ settled: 2, waiting: 0, status: 'completed' });
});

test('who does not wait cancels at once, with all of the money', async () => {
  const flight = await shop.flight({ refundable: false });
  const sale = await shop.sell({ on: flight });
  await change(cancelled(flight));
  await awaitsResponse(sale);
  expect(await shop.cancelSale(sale)).toMatchObject({
    outcome: 'cancelled',
    booking: { cancellationReason: 'customer_request' },
  });
  await sale.outcome();
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('a flight that is moved far: who accepts flies, and the workflow lasts until it leaves', async () => {
  const flight = await shop.flight({ departsInMinutes: 5 * 24 * 60 });
  const sale = await shop.sell({ on: flight });
  const order = moved(flight, 10);
  await change(order);
  await awaitsResponse(sale);
  expect(await accept(sale)).toMatchObject({
    status: 'booked',
    scheduleChange: { actionTaken: 'accepted' },
  });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  const { closeTime } = await sale.handle.describe();
  expect(closeTime?.getTime()).toBeGreaterThanOrEqual(Date.parse(order.departureAt ?? ''));
  expect(await sale.refunds()).toEqual([]);
});

test('a flight that is moved a little: without a response it stays booked', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  const order = moved(flight, 1);
  await change(order);
  await awaitsResponse(sale);
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await progressOf(order)).toMatchObject({ settled: 1, status: 'completed' });
  const booking = await readKnownBooking(shop.db, sale.request.bookingId);
  expect(booking.scheduleChange).toMatchObject({ actionTaken: 'accepted' });
});

test('a cancelled flight can’t be accepted, nor can nothing, nor by someone else', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  expect(await refusalOf(accept(sale))).toBe('schedule_change_not_found');
  await change(cancelled(flight));
  await awaitsResponse(sale);
  expect(await refusalOf(accept(sale))).toBe('schedule_change_closed');
  expect(await refusalOf(accept(sale, 'someone-else'))).toBe('booking_not_found');
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_response' });
});

test('who has not paid yet loses the hold at once, and money that comes later goes back', async () => {
  const flight = await shop.flight();
  const sale = await shop.hold({ on: flight });
  const order = cancelled(flight);
  await change(order);
  expect(await sale.settled()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.seats()).toEqual(ALL_FREE);
  const { events = [] } = await sale.handle.fetchHistory();
  const onRecordFirst = events?.map(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name,
  );
  expect(onRecordFirst).toContain('releaseSeats');
  const { bookingId } = sale.request;
  await shop.paymentWorkflows.deliver({ bookingId, ...transfer() }, () =>
    Promise.resolve('cancelled'),
  );
  await untilSeen(async () => ((await sale.refunds()).length > 0 ? true : undefined));
  expect(await progressOf(order)).toMatchObject({ affected: 1, settled: 1, status: 'completed' });
});

test('a payment that is being made is finished first, and then has its offer', async () => {
  const flight = await shop.flight();
  const sale = await shop.hold({ on: flight });
  const call = shop.provider.pause('authorize');
  const paying = sale.pay();
  await call.reached;
  await change(cancelled(flight));
  call.letIn();
  expect(await paying).toMatchObject({ outcome: 'captured' });
  await awaitsResponse(sale);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('a booking whose workflow was terminated is told, and waits as the others do', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  await sale.handle.terminate();
  await change(cancelled(flight));
  await awaitsResponse(sale);
  await sale.handle.terminate();
  await shop.restore(sale);
  await awaitsResponse(sale);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('a booking whose workflow was terminated is restored by the acceptance that comes for it', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  await change(moved(flight, 10));
  await awaitsResponse(sale);
  await sale.handle.terminate();
  const { bookingId, customerId } = sale.request;
  const known = await readSale(shop.db, bookingId);
  if (known === undefined) throw new Error('the booking is not sold');
  const booking = await readKnownBooking(shop.db, bookingId);
  const outcome = await createScheduleChangeWorkflows(shop.env.client, 'bookings').accept(
    { booking, sale: known },
    { requestedBy: customerId, asOperator: false },
  );
  expect(outcome).toMatchObject({
    kind: 'completed',
    result: { scheduleChange: { actionTaken: 'accepted' } },
  });
});

/** Changes the flight, and tells nobody yet: the page of notices is slow. */
async function changeUntold(order: ScheduleChangeOrder): Promise<void> {
  const { scheduleChangeId: id, departureAt, arrivalAt, kind } = order;
  const change =
    kind === 'cancelled'
      ? { kind }
      : { kind, departureAt: new Date(departureAt ?? ''), arrivalAt: new Date(arrivalAt ?? '') };
  await applyScheduleChange(
    shop.db,
    { ...order, id, change },
    new Date(await shop.env.currentTimeMs()),
  );
}

test('who would be refunded, and is moved back at the last moment, keeps the booking', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  await change(moved(flight, 10));
  await awaitsResponse(sale);
  const back = moved(flight, 0);
  await changeUntold(back);
  await shop.env.sleep('73h');
  await untilSeen(async () => ((await progressOf(back))?.waiting === 1 ? true : undefined));
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.refunds()).toEqual([]);
});

test('a flight that is cancelled as its new times are about to be accepted is offered anew', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  await change(moved(flight, 1));
  await awaitsResponse(sale);
  const at = await shop.env.currentTimeMs();
  await changeUntold(cancelled(flight));
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
  // The time to respond begins again: nobody has been told of the cancellation before.
  const { closeTime } = await sale.handle.describe();
  expect((closeTime?.getTime() ?? 0) - at).toBeGreaterThan(140 * HOUR_MS);
});

test('a flight that is moved to leave within the hour: who does not respond until then gets it all back', async () => {
  const flight = await shop.flight({ departsInMinutes: 3 * 24 * 60 });
  const sale = await shop.sell({ on: flight });
  await change(moved(flight, -71.5));
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('one that a killed worker has cancelled is refunded, though its workflow hears of the flight first', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  const { bookingId, customerId: actor } = sale.request;
  const requestedAt = new Date(await shop.env.currentTimeMs());
  const terms = { asOperator: false, actor, requestedAt, ourProviders: ['sandbox'] };
  await cancelBookedBooking(shop.db, bookingId, terms);
  await sale.handle.signal(scheduleChanged, { scheduleChangeId: randomUUID() });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('one that is sold, which its workflow has never heard of, has its offer, and what follows without a response', async () => {
  const flight = await shop.flight();
  const sale = await shop.hold({ on: flight });
  const { bookingId } = sale.request;
  await confirmWithExternalPayment(shop.db, { ...transfer(), bookingId });
  await change(moved(flight, 1));
  await awaitsResponse(sale);
  expect(await sale.state()).toMatchObject({ status: 'booked' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect((await sale.row())?.status).toBe('booked');
  const offers = shop.db('booking_schedule_changes').where({ booking_id: bookingId });
  expect(await offers).toMatchObject([{ state: 'settled', outcome: 'accepted' }]);
});

test('one that is found cancelled as its new times are accepted is refunded, and ends', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  await change(moved(flight, 5));
  await awaitsResponse(sale);
  const { bookingId, customerId } = sale.request;
  const by = { kind: 'customer', id: customerId } as const;
  await acceptOffer(shop.db, bookingId, { by, at: new Date() });
  await cancelBookedBooking(shop.db, bookingId, {
    asOperator: false,
    actor: 'customer',
    requestedAt: new Date(),
    ourProviders: ['sandbox'],
  });
  expect(await accept(sale)).toMatchObject({ status: 'cancelled' });
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
});

test('who accepts times that they have seen accepts no others that are offered by then', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  const { customerId, bookingId } = sale.request;
  const [first, second] = [moved(flight, 4), moved(flight, 9)];
  await change(first);
  await awaitsResponse(sale);
  await change(second);
  await untilSeen(async () => ((await progressOf(second))?.waiting === 1 ? true : undefined));
  expect(
    await refusalOf(accept(sale, customerId, { scheduleChangeId: first.scheduleChangeId })),
  ).toBe('schedule_change_closed');
  expect((await readKnownBooking(shop.db, bookingId)).scheduleChange).toMatchObject({
    id: second.scheduleChangeId,
    actionTaken: null,
    availableActions: ['accept', 'change', 'cancel'],
  });
  const seen = { scheduleChangeId: second.scheduleChangeId.toUpperCase() };
  const accepted = await accept(sale, customerId, seen);
  expect(accepted.scheduleChange).toMatchObject({ actionTaken: 'accepted' });
  expect(await accept(sale, customerId, seen)).toEqual(accepted);
  expect(
    await refusalOf(accept(sale, customerId, { scheduleChangeId: first.scheduleChangeId })),
  ).toBe('schedule_change_closed');
});

test('two schedule changes at once leave one offer, which has both of them in it', async () => {
  const flight = await shop.flight();
  const sale = await shop.sell({ on: flight });
  const orders = [moved(flight, 2), moved(flight, 4)];
  await Promise.all(orders.map(change));
  await awaitsResponse(sale);
  const done = await Promise.all(orders.map(progressOf));
  expect(done.map((progress) => progress?.waiting).sort()).toEqual([0, 1]);
  const { bookingId } = sale.request;
  const booking = await readKnownBooking(shop.db, bookingId);
  expect(booking.scheduleChange?.before[0]?.departureAt).toBe(flight.departureAt.toISOString());
});

test('of more flights at once than a worker tells, each waits for its turn, and all are told', async () => {
  const flights = await Promise.all(Array.from({ length: 4 }, () => shop.flight()));
  const sales = await Promise.all(flights.map((on) => shop.sell({ on })));
  const orders = flights.map(cancelled);
  await Promise.all(orders.map(change));
  await Promise.all(sales.map(awaitsResponse));
  const done = await Promise.all(orders.map(progressOf));
  expect(done.map((progress) => progress?.waiting)).toEqual([1, 1, 1, 1]);
});

test('a notice of what never happened leaves a hold as it is', async () => {
  const sale = await shop.hold();
  await sale.handle.signal(scheduleChanged, { scheduleChangeId: randomUUID() });
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
});

test('notices of what never happened change nothing', async () => {
  const sale = await shop.sell();
  const never = { scheduleChangeId: randomUUID() };
  for (let again = 0; again < 5; again += 1) await sale.handle.signal(scheduleChanged, never);
  await sale.handle.signal(scheduleChanged, {} as never);
  expect(await refusalOf(accept(sale))).toBe('schedule_change_not_found');
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
});

test('an order that is refused changes nothing, and one that was carried out changes nothing again', async () => {
  const flight = await shop.flight();
  const order = cancelled(flight);
  await change(order);
  const onRecord = await progressOf(order);
  await expect(shop.scheduleChanges.change(cancelled(flight))).rejects.toThrow(Refused);
  await change(order);
  expect(await progressOf(order)).toEqual(onRecord);
});
