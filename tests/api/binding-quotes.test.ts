import type { Booking } from '../../src/domain/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { openStorefront, type Storefront } from '../support/api';
import { seatsByState } from '../support/flights';
import { STARTING_MS, untilRefund } from '../support/shop';
import { expectInvalid, expectRefused, type Client } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/** Whoever says what they expect back is cancelled on these terms, or not at all. */

const FEE = 5_000;
const PRICE = 12_000;
const NOTHING = { amount: 0, currency: 'USD' };
const ALL = { amount: PRICE, currency: 'USD' };
const LESS_FEE = { amount: PRICE - FEE, currency: 'USD' };

let store: Storefront;
let ada: Client;
let booking: Booking;

beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterAll(() => store.close());

beforeEach(async () => {
  ada = await store.customer();
  // Soon enough for the fee to be due from the start.
  booking = (await ada.create(await store.flight({ departsInMinutes: 5 * 24 * 60 }))).body;
});

const expecting = (expectedRefund: unknown) => ada.cancel(booking, { expectedRefund });

/** Another service pays for the booking. */
async function payExternally(): Promise<string> {
  const event = paymentEvent(booking);
  await store.anyone.send('POST', PAYMENT_EVENTS, signed(event));
  for (;;) if ((await ada.read(booking.id)).body.status === 'booked') break;
  return externalPaymentId(event.data);
}

async function expectBookedStill(): Promise<void> {
  const { body } = await ada.read(booking.id);
  expect(body).toMatchObject({ status: 'booked', refund: null });
  expect(await seatsByState(store.db, booking.flight.id)).toMatchObject({ sold: 1 });
}

test('an unpaid booking is cancelled by who expects nothing', async () => {
  for (const wrong of [ALL, { amount: 1, currency: 'USD' }, { amount: 0, currency: 'EUR' }])
    expectRefused(await expecting(wrong), 'quote_changed');
  expect((await ada.read(booking.id)).body.status).toBe('pending');
  expect((await expecting(NOTHING)).body.status).toBe('cancelled');
});

test('paid for by another service since the quote: nothing is cancelled, and no fee is kept', async () => {
  expect((await ada.quote(booking)).body).toMatchObject({ refund: NOTHING, fee: NOTHING });
  await payExternally();
  expectRefused(await expecting(NOTHING), 'quote_changed');
  await expectBookedStill();
});

test('after a quote that had changed, the next one binds, and the same one may be right again', async () => {
  const paymentId = await payExternally();
  for (const wrong of [NOTHING, ALL, NOTHING, { ...LESS_FEE, currency: 'EUR' }])
    expectRefused(await expecting(wrong), 'quote_changed');
  await expectBookedStill();
  const { body: quote } = await ada.quote(booking);
  expect(quote.refund).toEqual(LESS_FEE);
  const { status, body } = await expecting(quote.refund);
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 'cancelled', refund: { amount: LESS_FEE.amount } });
  await untilRefund(store.env, paymentId, 'needs_operator');
});

test('who wins with the right expectation is obeyed, however many come with wrong ones at once', async () => {
  await payExternally();
  const answers = await Promise.all(
    [NOTHING, LESS_FEE, ALL, NOTHING, ALL].map((expected) => expecting(expected)),
  );
  expect(answers[1]?.status).toBe(200);
  // Whoever comes when it is cancelled finds it so.
  for (const { status, body } of answers)
    expect(status === 200 || (body as unknown as { code: string }).code === 'quote_changed').toBe(
      true,
    );
  const { body } = await ada.read(booking.id);
  expect(body).toMatchObject({ status: 'cancelled', refund: { amount: LESS_FEE.amount } });
});

test('an operator who expects a fee to be kept changes nothing: all would go back', async () => {
  await payExternally();
  const operator = await store.operator();
  const answer = await operator.cancel(booking, { expectedRefund: LESS_FEE });
  expectRefused(answer, 'quote_changed');
  await expectBookedStill();
  expect((await operator.cancel(booking, { expectedRefund: ALL })).status).toBe(200);
});

test('a booking that is cancelled stays as it is, whatever is expected', async () => {
  await ada.cancel(booking);
  expect((await expecting(ALL)).body.status).toBe('cancelled');
});

test.each([
  [{ amount: -1, currency: 'USD' }, '/expectedRefund/amount'],
  [{ amount: 0.5, currency: 'USD' }, '/expectedRefund/amount'],
  [{ amount: 0, currency: 'usd' }, '/expectedRefund/currency'],
  [{ ...NOTHING, fee: 0 }, '/expectedRefund/fee'],
])('%j is no expectation', async (expectedRefund, pointer) => {
  expectInvalid(await expecting(expectedRefund), pointer);
});
