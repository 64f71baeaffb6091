import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { adult, adults, seatsByState } from '../support/flights';
import { expectRefused, expectReplay, newKey, type Client } from './client';
import type { Answer } from './contract';

/** A retry of a create never makes a second booking, and is answered like the first. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

/** Someone whose claims a test can lock out. */
async function customerWithId(): Promise<{ id: string; client: Client }> {
  const id = `customer-${randomUUID()}`;
  return { id, client: await store.customer(id) };
}

/**
 * Sends creates whose claims all wait until `meanwhile` has happened: their early looks are past by
 * then.
 */
async function createThen(
  customerId: string,
  create: () => Promise<Answer<Booking>>[],
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Answer<Booking>[]> {
  let answers: Promise<Answer<Booking>>[] = [];
  await store.whileClaimsWait(customerId, async () => {
    answers = create();
    await store.claimsWaiting(1);
    await meanwhile();
  });
  return Promise.all(answers);
}

describe('a key', () => {
  test('answers a retry with the same booking, letter by letter, and holds no more seats', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const key = newKey();
    const first = await ada.create(flight, { passengers: adults(2) }, key);
    const again = await ada.create(flight, { passengers: adults(2) }, key);
    expect(first.status).toBe(201);
    expectReplay(again, first);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 2 });
  });

  test('knows the same request in other words: other order, defaults spelled out, blanks', async () => {
    const ada = await store.customer();
    const { id } = await store.flight();
    const key = newKey();
    const first = await ada.create({ id }, {}, key);
    const { givenName, familyName } = adult();
    const body = {
      cabin: 'economy',
      passengers: [{ type: 'adult', familyName: ` ${familyName}`, givenName }],
      flightId: id.toUpperCase(),
    };
    expectReplay(await ada.create({ id }, body, key), first);
  });

  test('goes on answering with the pending booking after it was paid, and after Temporal forgot it', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const key = newKey();
    const first = await ada.create(flight, {}, key);
    expect((await ada.pay(first.body)).status).toBe(201);
    expectReplay(await ada.create(flight, {}, key), first);
    await store.forget(first.body);
    expectReplay(await ada.create(flight, {}, key), first);
    expect((await ada.read(first.body.id)).body.status).toBe('booked');
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 0, sold: 1 });
  });

  test('answers from another API process, too', async () => {
    const sub = `customer-${randomUUID()}`;
    const other = await store.startApi();
    const flight = await store.flight();
    const key = newKey();
    const first = await (await store.customer(sub)).create(flight, {}, key);
    expectReplay(await (await other.customer(sub)).create(flight, {}, key), first);
  });

  test('is refused for another request', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const key = newKey();
    await ada.create(flight, {}, key);
    const other = await ada.create(flight, { passengers: [adult('1F')] }, key);
    expectRefused(other, 'idempotency_key_reused');
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 1 });
  });

  test('belongs to its caller: another one may use the same', async () => {
    const flight = await store.flight();
    const key = newKey();
    const [ada, bea] = [await store.customer(), await store.customer()];
    const [hers, others] = [await ada.create(flight, {}, key), await bea.create(flight, {}, key)];
    expect([hers.status, others.status]).toEqual([201, 201]);
    expect(others.body.id).not.toBe(hers.body.id);
  });

  test('belongs to its route: a payment may use the same', async () => {
    const ada = await store.customer();
    const key = newKey();
    const { body } = await ada.create(await store.flight(), {}, key);
    expect((await ada.pay(body, {}, key)).status).toBe(201);
  });

  test('is not needed: without one every create is a booking of its own', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const [one, other] = [await ada.create(flight), await ada.create(flight)];
    expect(one.body.id).not.toBe(other.body.id);
  });

  test('sent twice at once makes one booking, and both are told of it', async () => {
    const { id, client: ada } = await customerWithId();
    const flight = await store.flight();
    const key = newKey();
    const answers = await createThen(id, () => [
      ada.create(flight, {}, key),
      ada.create(flight, {}, key),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 1 });
  });

  test('sent twice at once with different requests serves the one that came first', async () => {
    const { id, client: ada } = await customerWithId();
    const flight = await store.flight();
    const key = newKey();
    const answers = await createThen(id, () => [
      ada.create(flight, {}, key),
      ada.create(flight, { passengers: adults(2) }, key),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });

  test('gets the last seat it took, however late it asks', async () => {
    const { id, client: ada } = await customerWithId();
    const flight = await store.flight({ seats: 1 });
    const key = newKey();
    const [first] = await createThen(id, () => [ada.create(flight, {}, key)]);
    expectReplay(await ada.create(flight, {}, key), first as Answer);
  });
});

describe('a refusal that the booking itself has decided stays', () => {
  test('when the seats went to someone else', async () => {
    const { id, client: ada } = await customerWithId();
    const bea = await store.customer();
    const flight = await store.flight({ seats: 1 });
    const key = newKey();
    let rival: Booking | undefined;
    const [refused] = await createThen(
      id,
      () => [ada.create(flight, {}, key)],
      async () => (rival = (await bea.create(flight)).body),
    );
    expectRefused(refused as Answer, 'seats_unavailable');
    await bea.cancel(rival ?? { id: '' });
    expectReplay(await ada.create(flight, {}, key), refused as Answer);
    const other = await ada.create(flight, { passengers: adults(2) }, key);
    expectRefused(other, 'idempotency_key_reused');
    expect((await ada.create(flight, {}, newKey())).status).toBe(201);
  });

  test('when sales closed', async () => {
    const { id, client: ada } = await customerWithId();
    const flight = await store.flight();
    const key = newKey();
    const [refused] = await createThen(
      id,
      () => [ada.create(flight, {}, key)],
      () => store.reschedule(flight, 59),
    );
    expectRefused(refused as Answer, 'flight_closed');
    await store.reschedule(flight, 24 * 60);
    expectReplay(await ada.create(flight, {}, key), refused as Answer);
  });
});

describe('a refusal that a look already shows binds nothing', () => {
  test('so that the key may try again once a seat is back', async () => {
    const [ada, bea] = [await store.customer(), await store.customer()];
    const flight = await store.flight({ seats: 1 });
    const { body } = await bea.create(flight);
    const key = newKey();
    expectRefused(await ada.create(flight, {}, key), 'seats_unavailable');
    await bea.cancel(body);
    expect((await ada.create(flight, {}, key)).status).toBe(201);
  });

  test('so that a mistake can be corrected under the same key', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const key = newKey();
    expectRefused(await ada.create(flight, { passengers: [] }, key), 'validation_failed');
    expectRefused(await ada.create({ id: randomUUID() }, {}, key), 'flight_not_found');
    expect((await ada.create(flight, {}, key)).status).toBe(201);
  });
});

describe('the header', () => {
  test('may be either of two, or both if they say the same', async () => {
    const ada = await store.customer();
    const { id } = await store.flight();
    const key = newKey();
    const create = (headers: Record<string, string>) =>
      ada.post<Booking>('/api/v1/bookings', { flightId: id, passengers: [adult()] }, headers);
    const first = await create({ 'x-idempotency-key': key });
    expectReplay(await create({ 'idempotency-key': key }), first);
    expectReplay(await create({ 'idempotency-key': key, 'x-idempotency-key': key }), first);
    const torn = await create({ 'idempotency-key': key, 'x-idempotency-key': newKey() });
    expectRefused(torn, 'idempotency_key_invalid');
  });

  test.each([
    ['empty', ''],
    ['of 256 characters', 'k'.repeat(256)],
    ['of two words', 'two words'],
    ['with a tab', 'two\twords'],
    ['beyond ASCII', 'clé'],
  ])('is refused when it is %s', async (_, key) => {
    const ada = await store.customer();
    expectRefused(await ada.create(await store.flight(), {}, key), 'idempotency_key_invalid');
  });

  test('may have any 255 visible characters', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const key = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'.padEnd(255, 'k');
    const first = await ada.create(flight, {}, key);
    expect(first.status).toBe(201);
    expectReplay(await ada.create(flight, {}, key), first);
  });
});
