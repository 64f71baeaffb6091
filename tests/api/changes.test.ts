import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import { openStorefront, type Storefront } from '../support/api';
import { seatsByState } from '../support/flights';
import { putRoundTripOnSale, type RoundTrip, WAY_BACK, YEAR } from '../support/itineraries';
import { untilSeen } from '../support/shop';
import { expectInvalid, expectRefused, expectReplay, newKey, type Client } from './client';
import { putOnSale } from './timetable';

/** A customer exchanges flights of a paid round trip of 540 dollars; the fee is 25. */

let store: Storefront;
let ada: Client;
let trip: RoundTrip;
let booking: Booking;
/** From Los Angeles to Newark, like the last flight: for 40 dollars more, and for 90 less. */
let dear: string;
let cheap: string;

beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

beforeEach(async () => {
  ada = await store.customer();
  trip = await putRoundTripOnSale(store.db);
  [dear = '', cheap = ''] = await putOnSale(
    store.db,
    [19_000, 6_000].map((price) => ({
      from: 'LAX',
      to: 'EWR',
      date: WAY_BACK,
      time: '17:00',
      cabins: [{ cabin: 'economy' as const, seats: 2, price }],
    })),
  );
  const { body } = await ada.create({ id: '' }, { flightId: undefined, slices: trip.slices });
  expect(await ada.pay(body)).toMatchObject({ status: 201 });
  booking = (await ada.read(body.id)).body;
});

const pathOf = (what: string) => `/api/v1/bookings/${booking.id}/${what}`;

const quote = (last: string, by = ada) =>
  by.post<ChangeQuote>(pathOf('change-quotes'), {
    slices: [{ replaces: 1, flightIds: [trip.flightIds[2], last] }],
  });

const change = (quoteId: string, paymentMethod?: string, key = newKey(), by = ada) =>
  by.post<Change>(pathOf('changes'), { quoteId, paymentMethod }, { 'x-idempotency-key': key });

test('a dearer flight: quoted, paid for, and flown instead; the same key gets the same change', async () => {
  const quoted = await quote(dear);
  expect(quoted).toMatchObject({
    status: 201,
    body: { difference: { amount: 4_000 }, fee: { amount: 2_500 }, toPay: { amount: 6_500 } },
  });
  expect(await seatsByState(store.db, dear)).toMatchObject({ held: 0 });
  const key = newKey();
  const changed = await change(quoted.body.id, 'pm_card_visa', key);
  expect(changed).toMatchObject({
    status: 201,
    body: {
      status: 'completed',
      booking: { status: 'booked', price: { amount: 58_000 }, refund: null },
      payment: { status: 'captured', amount: 6_500 },
      refund: null,
    },
  });
  expectReplay(await change(quoted.body.id, 'pm_card_visa', key), changed);
  expectRefused(await change(quoted.body.id, 'pm_other', key), 'idempotency_key_reused');
  expect((await ada.read(booking.id)).body).toEqual(changed.body.booking);
  expect((await ada.get(pathOf(`changes/${changed.body.id}`))).body).toEqual(changed.body);
  expect((await ada.payments(booking)).body.data).toHaveLength(2);
  expect(await auditBooks(store.db)).toEqual([]);
});

test('a cheaper flight: the difference goes back, less the fee', async () => {
  const { body } = await quote(cheap);
  expect(body.toRefund).toEqual({ amount: 6_500, currency: 'USD' });
  const changed = await change(body.id);
  expect(changed.body).toMatchObject({ status: 'completed', payment: null });
  const refunded = await untilSeen(async () => {
    const read = await ada.get<Change>(pathOf(`changes/${changed.body.id}`));
    return read.body.refund?.status === 'succeeded' ? read.body : undefined;
  });
  expect(refunded.refund).toMatchObject({ amount: 6_500 });
  expect(await auditBooks(store.db)).toEqual([]);
});

test('changed twice and cancelled: all that is left goes back, of every card that paid', async () => {
  const first = await change((await quote(dear)).body.id, 'pm_card_visa');
  expect(first.status).toBe(201);
  const exchanged = await ada.post<ChangeQuote>(pathOf('change-quotes'), {
    slices: [{ replaces: 1, flightIds: [trip.flightIds[2], cheap] }],
  });
  expect(await change(exchanged.body.id)).toMatchObject({ status: 201 });
  const cancelled = await (await store.operator()).cancel(booking, { note: 'for a test' });
  expect(cancelled.body).toMatchObject({ status: 'cancelled', refund: { amount: 45_000 } });
  await untilSeen(async () => {
    const { body } = await ada.payments(booking);
    const refunds = body.data.flatMap((payment) => payment.refunds);
    return refunds.every(({ status }) => status === 'succeeded') || undefined;
  });
  expect(await auditBooks(store.db)).toEqual([]);
});

test('a declined card leaves the booking as it was, and the quote may be tried again', async () => {
  const { body } = await quote(dear);
  const key = newKey();
  const declined = await change(body.id, 'pm_card_chargeDeclined', key);
  expect(declined.status).toBe(402);
  expectRefused(declined, 'payment_declined');
  expectReplay(await change(body.id, 'pm_card_chargeDeclined', key), declined);
  expect((await ada.read(booking.id)).body).toEqual(booking);
  expect(await seatsByState(store.db, dear)).toEqual({ free: 2, held: 0, sold: 0 });
  expect(await change(body.id, 'pm_card_visa')).toMatchObject({ status: 201 });
});

test('nobody is changed onto a flight for which they would be too old', async () => {
  const { body } = await ada.create(
    { id: '' },
    {
      flightId: undefined,
      slices: trip.slices,
      passengers: [
        { familyName: 'King' },
        { familyName: 'King', type: 'infant', bornOn: `${String(YEAR - 2)}-03-12` },
      ],
    },
  );
  expect(await ada.pay(body)).toMatchObject({ status: 201 });
  booking = (await ada.read(body.id)).body;
  const flightIds = await putOnSale(
    store.db,
    [
      { from: 'GRU', to: 'LAX', time: '08:00' },
      { from: 'LAX', to: 'EWR', time: '17:00' },
    ].map((flight) => ({
      ...flight,
      date: `${YEAR}-03-12`,
      cabins: [{ cabin: 'economy' as const, seats: 2, price: 15_000 }],
    })),
  );
  expect(await quote(dear)).toMatchObject({ status: 201 });
  const refused = await ada.post(pathOf('change-quotes'), { slices: [{ replaces: 1, flightIds }] });
  expectRefused(refused, 'booking_not_changeable');
  expect(refused.body).toMatchObject({
    detail: 'Passenger 2: An infant is under 2 on the day of the last flight.',
  });
});

test('what is to be paid needs a payment method; nothing is held without', async () => {
  const { body } = await quote(dear);
  expectInvalid(await change(body.id), '/paymentMethod');
  expect(await seatsByState(store.db, dear)).toMatchObject({ held: 0 });
});

test('a provider whose answers are lost takes the money once', async () => {
  const { body } = await quote(dear);
  const changed = await change(body.id, 'pm_sandbox_timeout');
  expect([201, 202]).toContain(changed.status);
  await untilSeen(async () => {
    const read = await ada.read(booking.id);
    return read.body.price.amount === 58_000 || undefined;
  });
  expect(await auditBooks(store.db)).toEqual([]);
});

test("nobody else's booking, quote or change is there", async () => {
  const bea = await store.customer();
  const { body } = await quote(dear);
  expectRefused(await quote(dear, bea), 'booking_not_found');
  expectRefused(await change(body.id, 'pm_card_visa', newKey(), bea), 'booking_not_found');
  expectRefused(await change(randomUUID(), 'pm_card_visa'), 'quote_not_found');
  expectRefused(await ada.get(pathOf(`changes/${randomUUID()}`)), 'change_not_found');
  expectRefused(
    await ada.post(pathOf('changes'), { quoteId: body.id }),
    'idempotency_key_required',
  );
});

test('an operator changes a booking for its customer', async () => {
  const operator = await store.operator();
  const { body } = await quote(cheap, operator);
  const changed = await change(body.id, undefined, newKey(), operator);
  expect(changed).toMatchObject({ status: 201, body: { status: 'completed' } });
});

test.each([
  ['a slice that is not there', [{ replaces: 2, flightIds: ['dear'] }], '/slices/0/replaces'],
  [
    'flights that do not connect',
    [{ replaces: 1, flightIds: [2, 3, 'dear'] }],
    '/slices/0/flightIds/2',
  ],
  ['the flights that it has', [{ replaces: 1, flightIds: [2, 3] }], '/slices/0/flightIds'],
  ['a flight twice', [{ replaces: 1, flightIds: [2, 2] }], '/slices/0/flightIds/1'],
] as const)('a change to %s is refused where it is at fault', async (_what, slices, pointer) => {
  const named = slices.map(({ replaces, flightIds }) => ({
    replaces,
    flightIds: flightIds.map((id) => (id === 'dear' ? dear : trip.flightIds[id])),
  }));
  expectInvalid(await ada.post(pathOf('change-quotes'), { slices: named }), pointer);
});

test('a cancelled booking can not be changed', async () => {
  const { body } = await quote(dear);
  await ada.cancel(booking);
  expectRefused(await quote(dear), 'booking_not_changeable');
  expectRefused(await change(body.id, 'pm_card_visa'), 'booking_not_changeable');
});
