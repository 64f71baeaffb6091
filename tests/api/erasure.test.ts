import { reserve } from '../../src/db/bookings/reservations';
import type { Booking } from '../../src/domain/booking';
import type { ChangeQuote } from '../../src/domain/changes/change';
import { eraseCustomer } from '../../src/db/personal-data/erase';
import { erasableBefore } from '../../src/domain/retention';
import { terms } from '../db/inventory';
import { openStorefront, type Storefront } from '../support/api';
import { adults, requestOf } from '../support/flights';
import { findInTables } from '../support/planted-words';
import { expectRefused, expectReplay, newKey, type Client } from './client';

/** A customer of whom nothing personal is left: their keys say so, and their books are there. */

let store: Storefront;
let ada: Client;

beforeAll(async () => {
  store = await openStorefront();
  ada = await store.customer(CUSTOMER);
});
afterAll(() => store.close());

const CUSTOMER = 'customer-to-be-erased';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Has the flights depart long enough ago, and erases the customer. */
async function erase(flightIds: string[]) {
  const now = new Date();
  const departure_at = new Date(now.getTime() - 8 * DAY_MS);
  await store.db('flights').whereIn('id', flightIds).update({ departure_at });
  return eraseCustomer(store.db, CUSTOMER, { requestedAt: now, before: erasableBefore(now) });
}

test('keys replay as erased, payments as ever, and the booking without a name', async () => {
  const [flight, other] = [await store.flight(), await store.flight()];
  const keys = { create: newKey(), pay: newKey(), change: newKey() };
  const party = { passengers: [{ givenName: 'Zenobia', familyName: 'Quackenbush' }] };
  const { body: booking } = await ada.create(flight, party, keys.create);
  const paid = await ada.pay(booking, {}, keys.pay);
  const slices = [{ replaces: 0, flightIds: [other.id] }];
  const path = `/api/v1/bookings/${booking.id}`;
  const quoted = await ada.post<ChangeQuote>(`${path}/change-quotes`, { slices });
  const change = (quoteId: string) =>
    ada.post(
      `${path}/changes`,
      { quoteId, paymentMethod: 'pm_card_visa' },
      { 'x-idempotency-key': keys.change },
    );
  expect((await change(quoted.body.id)).status).toBe(201);
  const { body: before } = await ada.read(booking.id);

  expect(await erase([flight.id, other.id])).toEqual({ erased: 1, waiting: 0 });

  expectRefused(await ada.create(flight, party, keys.create), 'erased');
  expectRefused(await ada.create(flight, {}, keys.create), 'erased');
  expectRefused(await change(quoted.body.id), 'erased');
  expectReplay(await ada.pay(booking, {}, keys.pay), paid);
  const { body } = await ada.read(booking.id);
  const { id, reference, price, payment, status } = before;
  expect(body).toMatchObject({ id, reference, price, payment, status });
  expect(body.passengers).toMatchObject([{ givenName: null, familyName: '' }]);
  expect((await ada.list()).body.data.map((one: Booking) => one.id)).toEqual([id]);
  expect(await findInTables(store.db, ['Zenobia', 'Quackenbush'])).toEqual([]);
});

test('the key of a refused booking replays as erased, whatever request comes', async () => {
  const flight = await store.flight({ seats: 1 });
  const key = newKey();
  const request = { customerId: CUSTOMER, passengers: adults(2), idempotencyKey: key };
  await reserve(store.db, requestOf(flight, request), terms());
  expectRefused(await ada.create(flight, {}, key), 'idempotency_key_reused');
  expect(await erase([flight.id])).toEqual({ erased: 1, waiting: 0 });
  for (const passengers of [adults(1), adults(2)])
    expectRefused(await ada.create(flight, { passengers }, key), 'erased');
});
