import type { Booking } from '../../src/domain/booking';
import type { ChangeQuote } from '../../src/domain/changes/change';
import { eraseCustomer } from '../../src/db/personal-data/erase';
import { erasableBefore } from '../../src/domain/retention';
import { openStorefront, type Storefront } from '../support/api';
import { findInTables } from '../support/planted-words';
import { expectRefused, expectReplay, newKey, type Client } from './client';

/** A customer of whom nothing personal is left: their keys say so, and their books are there. */

let store: Storefront;
let ada: Client;

beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

const CUSTOMER = 'customer-to-be-erased';

test('keys replay as erased, payments as ever, and the booking without a name', async () => {
  ada = await store.customer(CUSTOMER);
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

  const departure_at = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000);
  await store.db('flights').whereIn('id', [flight.id, other.id]).update({ departure_at });
  const now = new Date();
  const terms = { requestedAt: now, before: erasableBefore(now) };
  expect(await eraseCustomer(store.db, CUSTOMER, terms)).toEqual({ erased: 1, waiting: 0 });

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
