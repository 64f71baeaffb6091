import { randomUUID } from 'node:crypto';
import { createClient, type FlightBookings } from '../../clients/typescript/src/client';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';

/** What a shop's developer gets by the generated client; that this compiles is half of it. */

let store: Storefront;
let api: FlightBookings;

beforeAll(async () => {
  store = await openStorefront();
  const token = await tokenOf({ sub: `customer-${randomUUID()}` });
  api = createClient({ baseUrl: store.url, token });
}, STARTING_MS);
afterAll(() => store.close());

function withKey() {
  return { header: { 'x-idempotency-key': randomUUID() } };
}

async function hold() {
  const flight = await store.flight();
  const { data } = await api.POST('/api/v1/bookings', {
    params: withKey(),
    body: { flightId: flight.id, passengers: [{ givenName: 'Ada', familyName: 'Lovelace' }] },
  });
  if (data === undefined) throw new Error('Nothing was held');
  return data;
}

test('the client books a seat: what one answer says, the next request takes', async () => {
  const booking = await hold();
  expect(booking.status).toBe('pending');
  const { id: bookingId, price } = booking;
  const { data: payment } = await api.POST('/api/v1/bookings/payments', {
    params: withKey(),
    body: {
      bookingId,
      amount: price.amount,
      currency: price.currency,
      paymentMethod: 'pm_card_visa',
    },
  });
  expect(payment?.bookingStatus).toBe('booked');
  const { data: booked } = await api.GET('/api/v1/bookings/{id}', {
    params: { path: { id: bookingId } },
  });
  expect(booked?.payment?.id).toBe(payment?.id);
});

test('a refusal is typed: its code, what to retry, and what was expected', async () => {
  const { id: bookingId, price } = await hold();
  const { data, error } = await api.POST('/api/v1/bookings/payments', {
    params: withKey(),
    body: { bookingId, amount: 1, currency: price.currency, paymentMethod: 'pm_card_visa' },
  });
  expect(data).toBeUndefined();
  expect(error?.code).toBe('amount_mismatch');
  expect(error?.retry).toBe('no');
  expect(error?.expected?.amount).toBe(price.amount);
});

test('the compiler finds what the API would refuse', async () => {
  const { error } = await api.POST('/api/v1/bookings', {
    // @ts-expect-error: a passenger has a family name, and there is no cabin of this name.
    body: { flightId: randomUUID(), cabin: 'attic', passengers: [{ givenName: 'Ada' }] },
  });
  expect(error?.code).toBe('validation_failed');
});
