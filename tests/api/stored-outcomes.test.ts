import { randomUUID } from 'node:crypto';
import { down, up } from '../../migrations/20261126001000_name_outcomes';
import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { expectRefused, expectReplay, newKey } from './client';
import type { Answer } from './contract';

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

test('outcomes that were stored before they had a kind are replayed letter by letter', async () => {
  const id = `customer-${randomUUID()}`;
  const ada = await store.customer(id);
  const flight = await store.flight();
  const keys = { created: newKey(), refused: newKey(), paid: newKey(), declined: newKey() };
  const card = { paymentMethod: 'pm_card_chargeDeclined' };

  const created = await ada.create(flight, {}, keys.created);
  const declined = await ada.pay(created.body, card, keys.declined);
  const paid = await ada.pay(created.body, {}, keys.paid);
  const last = await store.flight({ seats: 1 });
  let refusing: Promise<Answer<Booking>> | undefined;
  await store.whileClaimsWait(id, async () => {
    refusing = ada.create(last, {}, keys.refused);
    await store.claimsWaiting(1);
    await (await store.customer()).create(last);
  });
  const refused = (await refusing)!;
  expect([created.status, paid.status]).toEqual([201, 201]);
  expectRefused(declined, 'payment_declined');
  expectRefused(refused, 'seats_unavailable');

  await down(store.db);
  await up(store.db);
  expect(await store.db('idempotency_outcomes').whereNotNull('kind')).toEqual([]);

  const again = await ada.create(flight, {}, keys.created);
  expectReplay(again, created);
  expect(again.headers.get('location')).toBe(created.headers.get('location'));
  expectReplay(await ada.create(last, {}, keys.refused), refused);
  expectReplay(await ada.pay(created.body, {}, keys.paid), paid);
  expectReplay(await ada.pay(created.body, card, keys.declined), declined);
});
