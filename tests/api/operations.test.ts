import type { Timeline } from '../../src/api/operations/timeline';
import type { FlightLoad } from '../../src/db/flights/load-view';
import { refundIdOf } from '../../src/db/refunds/refunds';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { openStorefront, TEMPORAL_UI_URL, type Storefront } from '../support/api';
import { STARTING_MS, untilRefund, untilSeen } from '../support/shop';
import { expectInvalid, expectRefused, newKey, type Client, type Page } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/** What operators see of bookings and flights. */

let store: Storefront;
let ada: Client;
let operator: Client;

beforeAll(async () => {
  store = await openStorefront();
  operator = await store.operator();
  ada = await store.customer();
}, STARTING_MS);
afterAll(() => store.close());

const timelineOf = (booking: { id: string }, by = operator) =>
  by.get<Timeline>(`/api/v1/bookings/${booking.id}/timeline`);

const NAMES = { givenName: 'Zacharias', familyName: 'Quellenmann', email: 'zq@shop.example' };

describe('the timeline of a booking', () => {
  test('joins what is on record, the oldest first, and names no passenger', async () => {
    await ada.post(
      '/api/v1/webhook-endpoints',
      { url: 'https://shop.example/hooks' },
      { 'x-idempotency-key': newKey() },
    );
    const { givenName, familyName, email } = NAMES;
    const passengers = [{ givenName, familyName }];
    const { body: held } = await ada.create(await store.flight(), {
      passengers,
      contact: { email },
    });
    await ada.pay(held, { paymentMethod: 'pm_card_chargeDeclined' });
    await ada.pay(held);
    await operator.cancel(held, { reason: 'aircraft change', note: 'agreed with the crew' });
    const timeline = await untilSeen(async () => {
      const { body } = await timelineOf(held);
      return body.entries.some(({ title }) => title === 'Refunded') ? body : undefined;
    });
    expect(timeline).toMatchObject({ bookingId: held.id, isComplete: true });
    const times = timeline.entries.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const titles = timeline.entries.map(({ kind, title }) => `${kind}: ${title}`);
    expect(titles.filter((title) => title.startsWith('booking: '))).toEqual(
      expect.arrayContaining([
        'booking: Seats held',
        'booking: Payment declined',
        'booking: Booked',
        'booking: Cancelled',
        'booking: Refunded',
      ]),
    );
    expect(titles).toEqual(
      expect.arrayContaining([
        'payment: Payment of 120.00 USD: declined',
        'payment: Captured 120.00 USD',
        'refund: Refund of 120.00 USD: succeeded',
        'ledger: Posted: capture',
      ]),
    );
    expect(timeline.entries).toContainEqual(
      expect.objectContaining({
        title: 'Cancelled',
        detail: 'aircraft change; Note: agreed with the crew',
        by: 'operator-1',
      }),
    );
    for (const word of Object.values(NAMES)) expect(JSON.stringify(timeline)).not.toContain(word);
  });

  test('has what was sent to webhooks and by mail, and what happened to its flight', async () => {
    const { body: held } = await ada.create(await store.flight());
    const [{ id: eventId }] = (await store
      .db('outgoing_events')
      .where({ booking_id: held.id })
      .select('id')) as [{ id: string }];
    const [endpointId = ''] = await store.db('webhook_endpoints').pluck('id');
    await store.db('webhook_deliveries').insert({
      endpoint_id: endpointId,
      event_id: eventId,
      status: 'failed',
      attempt: 2,
      error: 'http_status',
      response_status: 503,
      sent_at: new Date(),
      duration_ms: 35,
    });
    await store.db('mails').insert({
      id: eventId,
      booking_id: held.id,
      kind: 'held',
      sequence: 1,
      attempts: 1,
      occurred_at: new Date(),
      settled_at: new Date(),
      status: 'sent',
    });
    const { entries } = (await timelineOf(held)).body;
    expect(entries).toContainEqual(
      expect.objectContaining({
        kind: 'webhook',
        title: 'booking.pending, attempt 2: failed',
        detail: `HTTP 503; http status; 35 ms; endpoint ${endpointId}`,
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'mail', title: 'Mail “held”: sent', detail: '1 attempt' }),
    );
  });

  test('is bounded: of more than 500 entries the newest are shown, and that others are not', async () => {
    const { body: held } = await ada.create(await store.flight());
    await store.db.raw(
      `INSERT INTO booking_events (booking_id, type, actor, actor_kind, occurred_at)
       SELECT CAST(? AS uuid), 'payment_retried', 'op-7', 'airline', now() + n * interval '1 second'
       FROM generate_series(1, 600) n`,
      [held.id],
    );
    const { body } = await timelineOf(held);
    expect(body.entries).toHaveLength(500);
    expect(body.isComplete).toBe(false);
    expect(new Set(body.entries.map(({ title }) => title))).toEqual(
      new Set(['Payment tried again']),
    );
  });

  test('is for operators alone; of a booking that there is not there is none', async () => {
    const { body: held } = await ada.create(await store.flight());
    expectRefused(await timelineOf(held, ada), 'forbidden');
    expectRefused(await timelineOf(held, store.anyone), 'unauthenticated');
    for (const id of [crypto.randomUUID(), 'none'])
      expectRefused(await timelineOf({ id }), 'booking_not_found');
  });
});

interface Needs {
  checkedAt: string;
  data: {
    kind: string;
    bookingId: string;
    paymentId: string;
    actions: string[];
    workflowUrl: string;
  }[];
}

/** Money of another service that pays for nothing, and that only a person can give back. */
async function refundForAPerson() {
  const { body: booking } = await ada.create(await store.flight());
  const event = paymentEvent(booking, { amount: 1 });
  await store.anyone.send('POST', PAYMENT_EVENTS, signed(event));
  const paymentId = externalPaymentId(event.data);
  await untilRefund(store.env, paymentId, 'needs_operator');
  return { booking, paymentId };
}

const act = (booking: { id: string }, action: string, body: unknown, by = operator) =>
  by.post<{ status: string }>(`/api/v1/bookings/${booking.id}/operations/${action}`, body);

describe('what needs a person', () => {
  test('is listed with what can be done, and gone once that was done', async () => {
    const { booking, paymentId } = await refundForAPerson();
    const { body } = await operator.get<Needs>('/api/v1/operations/needs-a-person');
    expect(body.data.find((one) => one.paymentId === paymentId)).toMatchObject({
      kind: 'refund_needs_operator',
      bookingId: booking.id,
      refundId: refundIdOf(paymentId),
      actions: ['retry-refund', 'settle-refund'],
      workflowUrl: `${TEMPORAL_UI_URL}/namespaces/default/workflows/refund-${paymentId}`,
    });
    const other = { paymentId, refundId: paymentId, note: 'SEPA 4711' };
    expectRefused(await act(booking, 'settle-refund', other), 'operation_not_possible');
    const refundId = refundIdOf(paymentId);
    const settled = await act(booking, 'settle-refund', { ...other, refundId });
    expect(settled).toMatchObject({
      status: 200,
      body: { paymentId, refundId, amount: 1, currency: 'USD', status: 'succeeded' },
    });
    const { entries } = (await timelineOf(booking)).body;
    expect(entries).toContainEqual(
      expect.objectContaining({ title: 'Refunded', by: 'operator-1' }),
    );
    // It is settled once: the money would be posted twice.
    const again = await act(booking, 'settle-refund', { paymentId, note: 'SEPA 4711' });
    expectRefused(again, 'operation_not_possible');
    const retried = await act(booking, 'retry-refund', { paymentId, note: 'again' });
    expectRefused(retried, 'operation_not_possible');
  });

  test('a refund can be asked for again, by someone and for a reason that are kept', async () => {
    const { booking, paymentId } = await refundForAPerson();
    const answer = await act(booking, 'retry-refund', { paymentId, note: 'they are back' });
    expect(answer).toMatchObject({ status: 200, body: { paymentId, status: 'needs_operator' } });
    expect((await timelineOf(booking)).body.entries).toContainEqual(
      expect.objectContaining({
        title: 'Refund tried again',
        detail: 'Note: they are back',
        by: 'operator-1',
      }),
    );
  });

  test('a payment that is not being made cannot be tried again', async () => {
    const { body: held } = await ada.create(await store.flight());
    const answer = await act(held, 'retry-payment', { note: 'again' });
    expectRefused(answer, 'operation_not_possible');
  });

  test('a payment belongs to its booking: by another one nothing can be done to it', async () => {
    const { booking, paymentId } = await refundForAPerson();
    const { body: other } = await ada.create(await store.flight());
    for (const action of ['retry-refund', 'settle-refund'])
      expectInvalid(await act(other, action, { paymentId, note: 'mine' }), '/paymentId');
    for (const action of ['retry-refund', 'settle-refund']) {
      expectInvalid(await act(booking, action, { paymentId }), '/note');
      expectInvalid(await act(booking, action, { paymentId, note: ' ' }), '/note');
      expectInvalid(await act(booking, action, { paymentId: 'x', note: 'n' }), '/paymentId');
      const refund = { paymentId, refundId: 'x', note: 'n' };
      expectInvalid(await act(booking, action, refund), '/refundId');
      expectInvalid(await act(booking, action, { paymentId, note: 'n', by: 'me' }), '/by');
    }
    expectInvalid(await act(booking, 'retry-payment', { note: 'a\nb' }), '/note');
  });

  test('is for operators alone', async () => {
    const { booking, paymentId } = await refundForAPerson();
    const list = '/api/v1/operations/needs-a-person';
    expectRefused(await ada.get(list), 'forbidden');
    expectRefused(await store.anyone.get(list), 'unauthenticated');
    for (const action of ['retry-payment', 'retry-refund', 'settle-refund']) {
      const body = { paymentId, note: 'mine' };
      expectRefused(await act(booking, action, body, ada), 'forbidden');
      expectRefused(await act(booking, action, body, store.anyone), 'unauthenticated');
    }
  });
});

describe('the flights of a day', () => {
  const list = (query: Record<string, string>, by = operator) =>
    by.get<Page<FlightLoad>>(`/api/v1/operations/flights?${new URLSearchParams(query).toString()}`);

  async function dateOf({ id }: { id: string }): Promise<string> {
    return String(
      await store
        .db('flights')
        .where({ id })
        .first()
        .then((row) => row?.departure_date),
    );
  }

  test('come with what became of their seats, and what the airline did to them', async () => {
    const flight = await store.flight({ seats: 6 });
    const date = await dateOf(flight);
    await ada.pay((await ada.create(flight)).body);
    await ada.create(flight, { passengers: [adultNamed('A'), adultNamed('B')] });
    const ordered = await operator.post<{ id: string }>(
      `/api/v1/flights/${flight.id}/schedule-changes`,
      { kind: 'cancelled', reason: 'Fog.' },
      { 'x-idempotency-key': newKey() },
    );
    expect(ordered.status).toBe(202);
    const found = await untilSeen(async () => {
      const { data } = (await list({ date, origin: 'LHR', limit: '100' })).body;
      const one = data.find(({ id }) => id === flight.id);
      // Those who had not paid lose their seats by it, a moment after they are told.
      const isOver = one?.scheduleChanges[0]?.status === 'waiting' && one.seats.held === 0;
      return isOver ? one : undefined;
    });
    expect(found).toMatchObject({
      origin: 'LHR',
      destination: 'JFK',
      status: 'cancelled',
      seats: { capacity: 6, sold: 1, held: 0, free: 5 },
      cabins: [{ cabin: 'economy', capacity: 6, sold: 1, held: 0, free: 5 }],
      scheduleChanges: [{ id: ordered.body.id, kind: 'cancelled', reason: 'Fog.', affected: 2 }],
    });
  });

  test('count held seats, and come page by page, each once', async () => {
    const flights = await Promise.all(Array.from({ length: 5 }, () => store.flight({ seats: 3 })));
    const first = flights[0] as { id: string };
    await ada.create(first);
    const date = await dateOf(first);
    const found: FlightLoad[] = [];
    let cursor: string | null = null;
    do {
      const { status, body }: { status: number; body: Page<FlightLoad> } = await list({
        date,
        limit: '2',
        ...(cursor === null ? {} : { cursor }),
      });
      expect(status).toBe(200);
      found.push(...body.data);
      cursor = body.nextCursor;
    } while (cursor !== null);
    const ids = found.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of flights) expect(ids).toContain(id);
    expect(found.find(({ id }) => id === first.id)?.seats).toEqual({
      capacity: 3,
      sold: 0,
      held: 1,
      free: 2,
    });
    const times = found.map(({ departureAt }) => Date.parse(departureAt));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('are for operators alone, by a day and by places that there are', async () => {
    expectRefused(await list({ date: '2027-01-01' }, ada), 'forbidden');
    expectRefused(await list({ date: '2027-01-01' }, store.anyone), 'unauthenticated');
    expectInvalid(await list({}), '/date');
    expectInvalid(await list({ date: '2027-02-30', limit: '0' }), '/date', '/limit');
    expectInvalid(await list({ date: '2027-01-01', origin: 'XXX' }), '/origin');
    expectInvalid(await list({ date: '2027-01-01', destination: 'QQQ' }), '/destination');
    expectInvalid(await list({ date: '2027-01-01', cursor: 'x' }), '/cursor');
    expect((await list({ date: '2099-01-01' })).body.data).toEqual([]);
  });
});

function adultNamed(familyName: string) {
  return { givenName: 'Ada', familyName };
}
