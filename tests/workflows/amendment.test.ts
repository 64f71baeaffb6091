import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { passengerIdOf } from '../../src/domain/passenger-id';
import {
  chooseSeats,
  correctName,
  type NameCorrectionRequest,
  type SeatChoiceRequest,
} from '../../src/temporal/contracts/amendment';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { adult } from '../support/flights';
import { refusalOf, untilSeen, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Amendments come between decisions: a sale, a release and they never meet half-way. */

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(async () => {
  shop.provider.repair();
  expect(await auditBooks(shop.db)).toEqual([]);
});

const held = () => shop.hold({ passengers: [adult('1A')] });

function seatChoice(
  { request: { bookingId, customerId, flightId = '' } }: Sale,
  seatNumber: string,
  details: Partial<SeatChoiceRequest> = {},
): SeatChoiceRequest {
  const passengerId = passengerIdOf(bookingId, 0);
  return {
    requestedBy: customerId,
    asOperator: false,
    fingerprint: 'fingerprint',
    seats: [{ passengerId, flightId, seatNumber }],
    ...details,
  };
}

function correction(
  { request: { bookingId, customerId } }: Sale,
  details: Partial<NameCorrectionRequest> = {},
): NameCorrectionRequest {
  return {
    requestedBy: customerId,
    asOperator: false,
    fingerprint: 'fingerprint',
    passengerId: passengerIdOf(bookingId, 0),
    givenName: 'Adam',
    ...details,
  };
}

const move = (sale: Sale, seatNumber: string) =>
  sale.handle.executeUpdate(chooseSeats, { args: [seatChoice(sale, seatNumber)] });

const rename = (sale: Sale) => sale.handle.executeUpdate(correctName, { args: [correction(sale)] });

const seatOf = async ({ request: { bookingId } }: Sale) =>
  (await readKnownBooking(shop.db, bookingId)).passengers[0]?.seatNumber;

const historyOf = async ({ handle }: Sale) => (await handle.fetchHistory()).events ?? [];

test('a payment that comes while passengers move is taken afterwards, for the seats that they have then', async () => {
  const sale = await held();
  const asked = await shop.whileBookingIsLocked(sale, async () => {
    const first = move(sale, '1F');
    await shop.untilSomeoneWaits();
    const second = sale.pay();
    // Its update comes with the next workflow task of the slow local activity.
    await untilSeen(async () => {
      const updates = (await historyOf(sale)).filter(
        (event) => event.workflowExecutionUpdateAcceptedEventAttributes,
      );
      return updates[2];
    });
    return [first, second] as const;
  });
  const [moved, paid] = await Promise.all(asked);
  const events = await historyOf(sale);
  const amendedAt = events.findLastIndex(
    ({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity',
  );
  const chargedAt = events.findIndex(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled,
  );
  expect(chargedAt).toBeGreaterThan(amendedAt);
  expect(moved.booking.passengers).toMatchObject([{ seatNumber: '1F' }]);
  expect(paid.outcome).toBe('captured');
  expect(await seatOf(sale)).toBe('1F');
  expect(await sale.seats()).toEqual({ free: 5, held: 0, sold: 1 });
});

test('several amendments and a cancellation at once are carried out in their order', async () => {
  const sale = await held();
  const asked = await shop.whileBookingIsLocked(sale, async () => {
    const first = move(sale, '1F');
    await shop.untilSomeoneWaits();
    const second = await sale.handle.startUpdate(correctName, {
      args: [correction(sale)],
      waitForStage: 'ACCEPTED',
    });
    return [first, second.result(), sale.cancel()] as const;
  });
  const [moved, renamed, cancelled] = await Promise.all(asked);
  expect(moved.booking.passengers).toMatchObject([{ seatNumber: '1F' }]);
  expect(renamed.booking).toMatchObject({ status: 'pending', passengers: [{ givenName: 'Adam' }] });
  expect(cancelled.status).toBe('cancelled');
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
});

test('a refusal leaves the booking open for what comes next', async () => {
  const flight = await shop.flight();
  const sale = await shop.hold({ on: flight, passengers: [adult('1A')] });
  await shop.hold({ on: flight, passengers: [adult('1B')] });
  expect(await refusalOf(move(sale, '1B'))).toBe('seats_unavailable');
  expect(await refusalOf(move(sale, '9F'))).toBe('seats_unavailable');
  expect((await move(sale, '1C')).booking.passengers).toMatchObject([{ seatNumber: '1C' }]);
  await sale.pay();
  expect(await seatOf(sale)).toBe('1C');
});

test('while a payment is being made nothing is amended', async () => {
  const sale = await held();
  const charge = shop.provider.pause('authorize');
  const paying = sale.pay();
  await charge.reached;
  expect(await refusalOf(move(sale, '1F'))).toBe('payment_in_progress');
  expect(await refusalOf(rename(sale))).toBe('payment_in_progress');
  charge.letIn();
  expect((await paying).outcome).toBe('captured');
});

test('a hold that has expired is not amended', async () => {
  const sale = await held();
  await sale.outcome();
  await expect(move(sale, '1F')).rejects.toThrow();
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
});

test('a sold booking whose workflow was terminated is restored by the amendment that comes for it', async () => {
  const sale = await held();
  await sale.pay();
  await sale.handle.terminate();
  const { bookingId } = sale.request;
  const bookings = createBookingWorkflows(shop.env.client, 'bookings');
  const asked = {
    booking: await readKnownBooking(shop.db, bookingId),
    sale: await readSale(shop.db, bookingId),
  };
  const outcome = await bookings.amend(asked, chooseSeats, {
    request: seatChoice(sale, '1F'),
    updateId: randomUUID(),
  });
  expect(outcome).toMatchObject({
    kind: 'completed',
    result: { booking: { status: 'booked', passengers: [{ seatNumber: '1F' }] } },
  });
  expect((await rename(sale)).booking.passengers).toMatchObject([{ givenName: 'Adam' }]);
});

test.each<[string, unknown]>([
  ['nothing', {}],
  ['no seats', { seats: [] }],
  ['seats that are none', { seats: [{ passengerId: 'x' }] }],
])('a message with %s is refused, and leaves nothing in the history', async (_, details) => {
  const sale = await held();
  const request = { ...seatChoice(sale, '1F'), ...(details as object) };
  const args: [SeatChoiceRequest] =
    Object.keys(details as object).length === 0 ? [details as SeatChoiceRequest] : [request];
  expect(await refusalOf(sale.handle.executeUpdate(chooseSeats, { args }))).toBe(
    'validation_failed',
  );
  expect(
    await refusalOf(
      sale.handle.executeUpdate(correctName, { args: [{} as NameCorrectionRequest] }),
    ),
  ).toBe('validation_failed');
  const { events = [] } = await sale.handle.fetchHistory();
  const accepted = events?.flatMap(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? [],
  );
  // The one that waits for the seats.
  expect(accepted).toHaveLength(1);
});

test('a stranger amends nothing, and learns nothing', async () => {
  const sale = await held();
  const request = seatChoice(sale, '1F', { requestedBy: 'eve' });
  expect(await refusalOf(sale.handle.executeUpdate(chooseSeats, { args: [request] }))).toBe(
    'booking_not_found',
  );
});
