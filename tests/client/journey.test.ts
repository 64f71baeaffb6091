import { randomUUID } from 'node:crypto';
import {
  createClient,
  newIntent,
  type FlightBookings,
  type Schemas,
} from '../../clients/typescript/src/client';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { seatsByState } from '../support/flights';
import { ASKING_CARD, NEXT_ACTION } from '../support/provider';
import { STARTING_MS, untilSeen } from '../support/shop';

/** What a shop's developer does by the client; that this compiles is half of it. */

let store: Storefront;
let api: FlightBookings;
let operator: FlightBookings;

beforeAll(async () => {
  store = await openStorefront();
  api = await clientFor({ sub: `customer-${randomUUID()}` });
  operator = await clientFor({ sub: 'operator-1', scope: 'operator' });
}, STARTING_MS);
afterAll(() => store.close());

async function clientFor(claims: { sub: string; scope?: string }): Promise<FlightBookings> {
  return createClient({ baseUrl: store.url, token: await tokenOf(claims) });
}

const passengers = [{ givenName: 'Ada', familyName: 'Lovelace' }];

async function hold(flight?: { id: string }): Promise<Schemas['Booking']> {
  const { id: flightId } = flight ?? (await store.flight());
  const answer = await api.POST('/api/v1/bookings', {
    intent: newIntent(),
    body: { flightId, passengers },
  });
  if (answer.status !== 201) throw new Error(`Nothing was held: ${answer.status}`);
  return answer.data;
}

const pay = (
  { id: bookingId, price }: Schemas['Booking'],
  { paymentMethod = 'pm_card_visa', intent = newIntent() } = {},
) =>
  api.POST('/api/v1/bookings/payments', {
    intent,
    body: { bookingId, amount: price.amount, currency: price.currency, paymentMethod },
  });

const read = async ({ id }: { id: string }) =>
  (await api.GET('/api/v1/bookings/{id}', { params: { path: { id } } })).data;

test('a seat is held and paid for: what one answer says, the next request takes', async () => {
  const booking = await hold();
  expect(booking.status).toBe('pending');
  const { data: payment } = await pay(booking);
  expect(payment?.bookingStatus).toBe('booked');
  expect((await read(booking))?.payment?.id).toBe(payment?.id);
});

test('an intent books once, however often it is asked for', async () => {
  const flight = await store.flight();
  const intent = newIntent();
  const book = () =>
    api.POST('/api/v1/bookings', { intent, body: { flightId: flight.id, passengers } });
  const answers = await Promise.all([book(), book(), book()]);
  expect(new Set(answers.map(({ data }) => data?.id)).size).toBe(1);
  expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 1 });
});

test('a declined card leaves the hold, and another one pays by another intent', async () => {
  const booking = await hold();
  const declined = await pay(booking, { paymentMethod: 'pm_card_chargeDeclined' });
  expect(declined.error).toMatchObject({
    code: 'payment_declined',
    retry: 'new_key',
    declineCode: 'generic_decline',
  });
  expect((await pay(booking)).data?.bookingStatus).toBe('booked');
});

test('a card whose bank asks its customer is paid by the same intent, once they have acted', async () => {
  const booking = await hold();
  const intent = newIntent();
  const asked = await pay(booking, { paymentMethod: ASKING_CARD, intent });
  expect(asked).toMatchObject({ status: 202, data: { nextAction: NEXT_ACTION } });
  store.provider.confirm(asked.data?.id ?? '');
  const paid = await untilSeen(async () => {
    const answer = await pay(booking, { paymentMethod: ASKING_CARD, intent });
    return answer.status === 202 ? undefined : answer;
  });
  expect(paid).toMatchObject({ status: 201, data: { id: asked.data?.id, status: 'captured' } });
});

test('what is refused says by types what was expected', async () => {
  const booking = await hold();
  const wrong = { ...booking, price: { ...booking.price, amount: 1 } };
  const refused = await pay(wrong);
  if (refused.status !== 422) throw new Error(`It was not refused: ${refused.status}`);
  // The compiler knows that no other code comes with this status.
  const code: 'amount_mismatch' | 'idempotency_key_reused' = refused.error.code;
  expect(code).toBe('amount_mismatch');
  expect(refused.error.expected?.amount).toBe(booking.price.amount);
});

test('a flight is exchanged by a quote, and the booking cancelled for what its quote says', async () => {
  const [flight, other] = [await store.flight(), await store.flight()];
  const booking = await hold(flight);
  await pay(booking);
  const byId = { params: { path: { id: booking.id } } };
  const quoted = await api.POST('/api/v1/bookings/{id}/change-quotes', {
    ...byId,
    body: { slices: [{ replaces: 0, flightIds: [other.id] }] },
  });
  const changed = await api.POST('/api/v1/bookings/{id}/changes', {
    ...byId,
    intent: newIntent(),
    body: { quoteId: quoted.data?.id ?? '', paymentMethod: 'pm_card_visa' },
  });
  expect(changed).toMatchObject({ status: 201, data: { status: 'completed' } });
  expect(changed.data?.booking.flight.id).toBe(other.id);

  const quote = await api.GET('/api/v1/bookings/{id}/cancellation-quote', byId);
  const { amount = 0, currency = 'USD' } = quote.data?.refund ?? {};
  const cancelled = await api.POST('/api/v1/bookings/{id}/cancel', {
    ...byId,
    body: { expectedRefund: { amount, currency } },
  });
  expect(cancelled.data).toMatchObject({ status: 'cancelled', refund: { amount } });
});

test('new times are accepted, once the airline has moved the flight', async () => {
  const flight = await store.flight();
  const booking = await hold(flight);
  await pay(booking);
  const at = (hours: number) =>
    new Date(flight.departureAt.getTime() + hours * 60 * 60_000).toISOString();
  const order = await operator.POST('/api/v1/flights/{id}/schedule-changes', {
    params: { path: { id: flight.id } },
    intent: newIntent(),
    body: { kind: 'moved', departureAt: at(5), arrivalAt: at(13), reason: 'Late crew.' },
  });
  expect(order.status).toBe(202);
  await untilSeen(async () => (await read(booking))?.scheduleChange ?? undefined);
  const accepted = await api.POST('/api/v1/bookings/{id}/schedule-change/accept', {
    params: { path: { id: booking.id } },
  });
  expect(accepted.data?.scheduleChange?.actionTaken).toBe('accepted');
});

describe('the compiler', () => {
  test('finds what the API would refuse', async () => {
    const { error } = await api.POST('/api/v1/bookings', {
      // @ts-expect-error: a passenger has a family name, and there is no cabin of this name.
      body: { flightId: randomUUID(), cabin: 'attic', passengers: [{ givenName: 'Ada' }] },
    });
    expect(error?.code).toBe('validation_failed');
  });

  test('finds a path, a parameter, an intent and a code that there are not', async () => {
    // @ts-expect-error: there is no such path.
    const nowhere = api.GET('/api/v1/trains');
    // @ts-expect-error: it needs an ID.
    const nobody = api.GET('/api/v1/bookings/{id}', { params: { path: {} } });
    // @ts-expect-error: what only reads has no key.
    const wanted = api.GET('/api/v1/bookings', { intent: newIntent() });
    const bookings = await api.GET('/api/v1/bookings');
    // @ts-expect-error: nothing is declined by reading.
    expect(bookings.error?.code === 'payment_declined').toBe(false);
    const statuses = [await nowhere, await nobody, await wanted].map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 200]);
  });
});
