import { randomUUID } from 'node:crypto';
import { encodeCursor } from '../../src/api/cursor';
import type { Booking } from '../../src/domain/booking';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { adults, seatsByState } from '../support/flights';
import { clientOf, expectInvalid, expectRefused, type Client, type Page } from './client';
import type { Answer } from './contract';

/** Customers find, read and cancel their own bookings and nobody else's; operators everyone's. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

async function holder(seats = 1): Promise<{ ada: Client; booking: Booking }> {
  const ada = await store.customer();
  const { body } = await ada.create(await store.flight(), { passengers: adults(seats) });
  return { ada, booking: body };
}

describe('a list of bookings', () => {
  let ada: Client;
  let bookings: Booking[];
  beforeAll(async () => {
    ada = await store.customer();
    const flight = await store.flight();
    bookings = [];
    for (let count = 0; count < 5; count += 1) {
      bookings.unshift((await ada.create(flight)).body);
    }
    const [newest, second] = bookings as [Booking, Booking];
    await ada.pay(newest);
    await ada.cancel(second);
  });

  const idsOf = ({ body }: Answer<Page<Booking>>) => body.data.map(({ id }) => id);

  test("shows the caller's, newest first, each as it is read by itself", async () => {
    const { status, body } = await ada.list();
    expect(status).toBe(200);
    expect(body.data.map(({ id }) => id)).toEqual(bookings.map(({ id }) => id));
    expect(body.nextCursor).toBeNull();
    expect((await ada.read(body.data[0]?.id ?? '')).body).toEqual(body.data[0]);
  });

  test('shows each booking once over any number of pages', async () => {
    const found: string[] = [];
    let query = '?limit=2';
    for (let page = 1; query !== ''; page += 1) {
      const answer = await ada.list(query);
      found.push(...idsOf(answer));
      const { nextCursor } = answer.body;
      query = nextCursor === null ? '' : `?limit=2&cursor=${nextCursor}`;
      expect(page).toBeLessThanOrEqual(3);
    }
    expect(found).toEqual(bookings.map(({ id }) => id));
    expect((await ada.list('?limit=5')).body.nextCursor).toBeNull();
  });

  test('is narrowed by status and by reference', async () => {
    const [booked, cancelled, ...pending] = bookings.map(({ id }) => id);
    expect(idsOf(await ada.list('?status=booked'))).toEqual([booked]);
    expect(idsOf(await ada.list('?status=cancelled'))).toEqual([cancelled]);
    expect(idsOf(await ada.list('?status=pending'))).toEqual(pending);
    expect(idsOf(await ada.list('?status=initiated'))).toEqual([]);
    const { reference } = bookings[1] as Booking;
    expect(idsOf(await ada.list(`?reference=${reference}`))).toEqual([cancelled]);
    expect(idsOf(await ada.list(`?reference=${reference.toLowerCase()}`))).toEqual([cancelled]);
    expect(idsOf(await ada.list(`?reference=${reference}&status=booked`))).toEqual([]);
  });

  test("never shows someone else's", async () => {
    const bea = await store.customer();
    expect((await bea.list()).body).toEqual({ data: [], nextCursor: null });
    const { reference } = bookings[0] as Booking;
    expect((await bea.list(`?reference=${reference}`)).body.data).toEqual([]);
  });

  test("shows everyone's to an operator", async () => {
    const { booking } = await holder();
    const operator = await store.operator();
    expect(idsOf(await operator.list('?limit=1'))).toEqual([booking.id]);
    const { id, reference } = bookings[0] as Booking;
    expect(idsOf(await operator.list(`?reference=${reference}`))).toEqual([id]);
  });

  test.each([
    ['status=paid', '/status'],
    ['status=', '/status'],
    ['reference=abc0i1', '/reference'],
    ['reference=aßc23', '/reference'],
    ['reference=ABC0I1', '/reference'],
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['cursor=rubbish', '/cursor'],
    ['customer=me', '/customer'],
    ['__proto__=me', '/__proto__'],
    ['status=booked&status=pending', '/status'],
  ])('is refused with %s', async (query, pointer) => {
    expectInvalid(await ada.list(`?${query}`), pointer);
  });

  test('is refused with a cursor that was tampered with, or of another list', async () => {
    const { id, createdAt } = bookings[0] as Booking;
    const forgeries = [
      { createdAt: '0000-01-01T00:00:00.000Z', id },
      { createdAt: 'infinity', id },
      { createdAt, id: "' OR true --" },
      { createdAt, id, customerId: 'someone-else' },
      { sortKey: 0, id },
    ];
    // Each is sealed as ours are: the position itself is what is wrong.
    for (const forgery of forgeries)
      expectInvalid(await ada.list(`?cursor=${encodeCursor({}, forgery)}`), '/cursor');
  });

  test('is refused with a cursor of another filter', async () => {
    const { nextCursor } = (await ada.list('?limit=1')).body;
    const cursor = nextCursor ?? '';
    expect((await ada.list(`?cursor=${cursor}`)).status).toBe(200);
    for (const filter of ['status=pending', `reference=${bookings[0]?.reference ?? ''}`])
      expectInvalid(await ada.list(`?${filter}&cursor=${cursor}`), '/cursor');
  });
});

describe('one booking', () => {
  test('of someone else is answered like one that there is not, but an operator reads it', async () => {
    const { booking } = await holder();
    const bea = await store.customer();
    const operator = await store.operator();
    const foreign = expectRefused(await bea.read(booking.id), 'booking_not_found');
    const unknown = expectRefused(await bea.read(randomUUID()), 'booking_not_found');
    expect(foreign.detail).toBe(unknown.detail);
    expect((await operator.read(booking.id)).body).toEqual(booking);
    expectRefused(await operator.read(randomUUID()), 'booking_not_found');
  });

  test.each(['tomorrow', '1', '%00', 'none', `${randomUUID()}'--`])(
    'is not found by the ID %s',
    async (id) => {
      const ada = await store.customer();
      expectRefused(await ada.read(id), 'booking_not_found');
    },
  );
});

describe('a cancellation', () => {
  test('puts the seats back on sale at once', async () => {
    const { ada, booking } = await holder(3);
    expect(await seatsByState(store.db, booking.flight.id)).toMatchObject({ free: 3, held: 3 });
    const { status, body } = await ada.cancel(booking, { reason: 'The plans have changed.' });
    expect(status).toBe(200);
    const [slice] = booking.slices ?? [];
    expect(body).toEqual({
      ...booking,
      status: 'cancelled',
      cancellationReason: 'customer_request',
      slices: [{ ...slice, segments: [{ ...slice?.segments[0], status: 'cancelled' }] }],
      availableActions: [],
    });
    expect(await seatsByState(store.db, booking.flight.id)).toMatchObject({ free: 6, held: 0 });
    expect((await ada.read(booking.id)).body).toEqual(body);
  });

  test('that is repeated, by whomever, answers the booking as it is', async () => {
    const { ada, booking } = await holder();
    const operator = await store.operator();
    const first = await ada.cancel(booking);
    for (const again of [
      await ada.cancel(booking),
      await ada.cancel(booking, { reason: 'Really.' }),
      await operator.cancel(booking),
    ]) {
      expect(again).toMatchObject({ status: 200, body: first.body });
    }
  });

  test('sent twice at once cancels once', async () => {
    const { ada, booking } = await holder();
    const operator = await store.operator();
    const answers = await Promise.all([
      ada.cancel(booking),
      ada.cancel(booking),
      operator.cancel(booking),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const events = store.db('booking_events').where({ booking_id: booking.id, type: 'cancelled' });
    expect(await events.select('type')).toHaveLength(1);
  });

  test('by an operator says so', async () => {
    const { booking } = await holder();
    const operator = await store.operator();
    const { body } = await operator.cancel(booking);
    expect(body.cancellationReason).toBe('operator_request');
  });

  test('by a customer who is an operator, too, is that of an operator', async () => {
    const { booking } = await holder();
    const both = clientOf(
      store.url,
      await tokenOf({ sub: 'operator-2', scope: 'bookings operator' }),
    );
    const { body } = await both.cancel(booking);
    expect(body.cancellationReason).toBe('operator_request');
  });

  test("is refused for someone else's booking, and one that there is not", async () => {
    const { booking } = await holder();
    const bea = await store.customer();
    expectRefused(await bea.cancel(booking), 'booking_not_found');
    expectRefused(await bea.cancel({ id: randomUUID() }), 'booking_not_found');
    expectRefused(await bea.cancel({ id: 'tomorrow' }), 'booking_not_found');
    expect((await (await store.operator()).read(booking.id)).body.status).toBe('pending');
  });

  test('takes an empty body, in whichever way it is empty', async () => {
    const { ada, booking } = await holder();
    for (const body of [undefined, {}, '']) {
      expect((await ada.cancel(booking, body)).status).toBe(200);
    }
  });

  test.each<[string, unknown, string]>([
    ['a reason of 201 characters', { reason: 'a'.repeat(201) }, '/reason'],
    ['an empty reason', { reason: ' ' }, '/reason'],
    ['a reason of two lines', { reason: 'One.\nTwo.' }, '/reason'],
    ['a reason that is no text', { reason: 7 }, '/reason'],
    ['a field that is not known', { refund: true }, '/refund'],
    ['a list', [], ''],
  ])('is refused with %s', async (_, body, pointer) => {
    const { ada, booking } = await holder();
    expectInvalid(await ada.cancel(booking, body), pointer);
    expect((await ada.read(booking.id)).body.status).toBe('pending');
  });

  test('may give a reason of 200 characters', async () => {
    const { ada, booking } = await holder();
    expect((await ada.cancel(booking, { reason: 'a'.repeat(200) })).status).toBe(200);
  });
});
