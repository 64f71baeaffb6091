import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { adult, adults, requestOf, seatsByState } from '../support/flights';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment, { maxOpenHoldsPerCustomer: 2 });

test('a customer who books is told of held seats, the price and the deadline', async () => {
  const request = requestOf(await shop.flight(), { passengers: adults(2) });
  const asked = await shop.env.currentTimeMs();

  const result = await shop.reserve(request);

  expect(result).toMatchObject({
    outcome: 'held',
    now: { status: 'pending' },
    booking: {
      id: request.bookingId,
      status: 'pending',
      price: { amount: 24_000, currency: 'USD' },
    },
  });
  const sale = shop.saleOf(request);
  const state = await sale.state();
  expect(state).toMatchObject({ status: 'pending', activity: 'awaiting_payment' });
  const windowMs = Date.parse(state.paymentRequiredBy ?? '') - asked;
  expect(windowMs / 1000).toBeCloseTo(900, -1);
  expect(await sale.seats()).toEqual({ free: 4, held: 2, sold: 0 });
});

test('seats are held whether or not anyone waits for the answer', async () => {
  const request = requestOf(await shop.flight());
  const sale = await shop.start(request);
  expect(await shop.reserve(request)).toMatchObject({ outcome: 'held' });
  expect(await sale.seats()).toMatchObject({ held: 1 });
});

test('everyone who waits for one booking gets the one answer', async () => {
  const request = requestOf(await shop.flight());
  const answers = await Promise.all(Array.from({ length: 5 }, () => shop.reserve(request)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await shop.saleOf(request).seats()).toMatchObject({ held: 1 });
});

test.each([
  ['seats_unavailable', adults(7), 24 * 60],
  ['seats_unavailable', [adult('9F')], 24 * 60],
  ['flight_closed', [adult()], 59],
])(
  'a booking is refused with %s, and its workflow ends',
  async (code, passengers, departsInMinutes) => {
    const flight = await shop.flight({ departsInMinutes });
    const request = requestOf(flight, { passengers });

    expect(await shop.reserve(request)).toMatchObject({ outcome: 'refused', code });

    expect(await shop.saleOf(request).outcome()).toMatchObject({
      status: 'cancelled',
      cancellationReason: code,
    });
    expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 6, held: 0, sold: 0 });
  },
);

test('a customer with as many unpaid bookings as allowed is refused another', async () => {
  const { request } = await shop.hold();
  const { customerId } = request;
  await shop.hold({ customerId });
  const third = requestOf(await shop.flight(), { customerId });
  expect(await shop.reserve(third)).toMatchObject({ outcome: 'refused', code: 'too_many_holds' });
  await expect(shop.saleOf(third).outcome()).rejects.toMatchObject({
    cause: { type: 'too_many_holds' },
  });
  expect(await shop.saleOf(third).row()).toBeUndefined();
});

test('a flight that isn’t sold fails the workflow at once, and nothing is kept', async () => {
  const sale = await shop.start(requestOf({ id: randomUUID() }));
  const failure = await sale.outcome().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect(failure).toMatchObject({ cause: { type: 'flight_not_found' } });
  expect(await sale.row()).toBeUndefined();
});

test('of ten customers at once for the last three seats, three hold one', async () => {
  const flight = await shop.flight({ seats: 3 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => shop.reserve(requestOf(flight))),
  );
  expect(answers.filter(({ outcome }) => outcome === 'held')).toHaveLength(3);
  expect(await seatsByState(shop.db, flight.id)).toEqual({ free: 0, held: 3, sold: 0 });
});
