import { randomUUID } from 'node:crypto';
import { openApiDocument } from '../../src/api/openapi/document';
import { openApi, type ApiUnderTest } from '../support/api';
import { NOT_NOW, openFaultyWayInto } from '../support/faulty-database';
import { putFlightOnSale } from '../support/flights';
import { adult } from '../support/flights';
import { whileRivalHolds } from '../support/rival';
import { expectRefused, newKey, type Client } from './client';
import type { Answer } from './contract';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/**
 * PostgreSQL that can't do something now: every route says so within ten seconds, and that it may
 * be tried again.
 */

let backend: ApiUnderTest;
let way: Awaited<ReturnType<typeof openFaultyWayInto>>;
let ada: Client;
let operator: Client;
let flightId: string;
let streamingApi: string;

beforeAll(async () => {
  backend = await openApi();
  way = await openFaultyWayInto(backend);
  const api = await backend.startApi({ db: way.faulty });
  streamingApi = api.url;
  ada = await api.customer('customer-ada');
  operator = await api.operator();
  ({ id: flightId } = await putFlightOnSale(backend.db, { seats: 9 }));
});

afterAll(async () => {
  await way.faulty.destroy();
  await backend.close();
});

const WITHIN_MS = 10_000;
const BOOKINGS = '/api/v1/bookings';
const ENDPOINTS = '/api/v1/webhook-endpoints';
const ID = randomUUID();
const payment = () => ({
  bookingId: ID,
  amount: 12_000,
  currency: 'USD',
  paymentMethod: 'pm_card_visa',
});

/** One good request for each operation that looks into the database. */
const REQUESTS: Record<string, () => Promise<Answer>> = {
  'GET /api/v1/airports': () => ada.get('/api/v1/airports?q=new'),
  'GET /api/v1/flights': () =>
    ada.get('/api/v1/flights?origin=LHR&destination=JFK&date=2027-01-01'),
  'GET /api/v1/flights/calendar': () =>
    ada.get('/api/v1/flights/calendar?origin=LHR&destination=JFK&month=2027-01'),
  'GET /api/v1/bookings/{id}/timeline': () => operator.get(`${BOOKINGS}/${ID}/timeline`),
  'GET /api/v1/operations/flights': () =>
    operator.get('/api/v1/operations/flights?date=2027-01-01'),
  'POST /api/v1/bookings/{id}/operations/retry-payment': () =>
    operator.post(`${BOOKINGS}/${ID}/operations/retry-payment`, { note: 'again' }),
  'POST /api/v1/bookings/{id}/operations/retry-refund': () =>
    operator.post(`${BOOKINGS}/${ID}/operations/retry-refund`, { paymentId: ID, note: 'again' }),
  'POST /api/v1/bookings/{id}/operations/settle-refund': () =>
    operator.post(`${BOOKINGS}/${ID}/operations/settle-refund`, { paymentId: ID, note: 'done' }),
  'GET /api/v1/operations/needs-a-person': () => operator.get('/api/v1/operations/needs-a-person'),
  'GET /api/v1/slices': () => ada.get('/api/v1/slices?origin=LHR&destination=JFK&date=2027-01-01'),
  'GET /api/v1/flights/{id}': () => ada.get(`/api/v1/flights/${flightId}`),
  'GET /api/v1/flights/{id}/seats': () => ada.get(`/api/v1/flights/${flightId}/seats`),
  'GET /api/v1/flights/{id}/seats/stream': () => firstOfStream(),
  'POST /api/v1/bookings': () => ada.create({ id: flightId }, { passengers: [adult()] }, newKey()),
  'GET /api/v1/bookings': () => ada.list(),
  'GET /api/v1/bookings/{id}': () => ada.read(ID),
  'GET /api/v1/bookings/{id}/events': () => ada.events({ id: ID }),
  'GET /api/v1/bookings/{id}/payments': () => ada.payments({ id: ID }),
  'GET /api/v1/bookings/{id}/cancellation-quote': () => ada.quote({ id: ID }),
  'POST /api/v1/bookings/{id}/cancel': () => ada.cancel({ id: ID }),
  'POST /api/v1/bookings/payments': () =>
    ada.post(`${BOOKINGS}/payments`, payment(), { 'x-idempotency-key': newKey() }),
  'POST /api/v1/bookings/{id}/change-quotes': () =>
    ada.post(`${BOOKINGS}/${ID}/change-quotes`, {
      slices: [{ replaces: 0, flightIds: [flightId] }],
    }),
  'POST /api/v1/bookings/{id}/changes': () =>
    ada.post(`${BOOKINGS}/${ID}/changes`, { quoteId: ID }, { 'x-idempotency-key': newKey() }),
  'GET /api/v1/bookings/{id}/changes/{changeId}': () => ada.get(`${BOOKINGS}/${ID}/changes/${ID}`),
  'POST /api/v1/bookings/{id}/schedule-change/accept': () =>
    ada.post(`${BOOKINGS}/${ID}/schedule-change/accept`, {}),
  'POST /api/v1/flights/{id}/schedule-changes': () =>
    operator.post(
      `/api/v1/flights/${flightId}/schedule-changes`,
      {
        kind: 'moved',
        departureAt: '2020-01-01T10:00:00Z',
        arrivalAt: '2020-01-01T12:00:00Z',
        reason: 'Fog',
      },
      { 'x-idempotency-key': newKey() },
    ),
  'GET /api/v1/schedule-changes/{id}': () => operator.get(`/api/v1/schedule-changes/${ID}`),
  'GET /api/v1/flights/{id}/passengers': () =>
    operator.get(`/api/v1/flights/${flightId}/passengers`),
  'PATCH /api/v1/bookings/{id}/passengers/{passengerId}': () =>
    ada.send('PATCH', `${BOOKINGS}/${ID}/passengers/${ID}`, { body: { givenName: 'Ida' } }),
  'POST /api/v1/bookings/{id}/seats': () =>
    ada.post(`${BOOKINGS}/${ID}/seats`, {
      seats: [{ passengerId: ID, flightId, seatNumber: '1A' }],
    }),
  'POST /api/v1/bookings/search': () =>
    operator.post(`${BOOKINGS}/search`, { reference: 'ABCDEF' }),
  'GET /api/v1/webhook-endpoints': () => ada.get(ENDPOINTS),
  'POST /api/v1/webhook-endpoints': () =>
    ada.post(ENDPOINTS, { url: 'https://shop.example/hook' }, { 'x-idempotency-key': newKey() }),
  'GET /api/v1/webhook-endpoints/{id}': () => ada.get(`${ENDPOINTS}/${ID}`),
  'PATCH /api/v1/webhook-endpoints/{id}': () =>
    ada.send('PATCH', `${ENDPOINTS}/${ID}`, { body: { status: 'disabled' } }),
  'DELETE /api/v1/webhook-endpoints/{id}': () => ada.send('DELETE', `${ENDPOINTS}/${ID}`, {}),
  'POST /api/v1/webhook-endpoints/{id}/ping': () =>
    ada.post(`${ENDPOINTS}/${randomUUID()}/ping`, {}),
  'POST /api/v1/webhook-endpoints/{id}/rotate-secret': () =>
    ada.post(`${ENDPOINTS}/${randomUUID()}/rotate-secret`, {}),
  'GET /api/v1/webhook-endpoints/{id}/deliveries': () => ada.get(`${ENDPOINTS}/${ID}/deliveries`),
  'POST /api/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver': () =>
    ada.post(`${ENDPOINTS}/${randomUUID()}/deliveries/${ID}/redeliver`, {}),
  'POST /api/v1/payment-events': () =>
    ada.send('POST', PAYMENT_EVENTS, signed(paymentEvent({ id: ID }))),
};

/** Asks for a stream, and leaves as soon as it has begun. */
async function firstOfStream(): Promise<Answer> {
  const leave = new AbortController();
  const { signal } = leave;
  const response = await fetch(`${streamingApi}/api/v1/flights/${flightId}/seats/stream`, {
    signal,
  });
  const { status, headers } = response;
  const text = status === 200 ? '' : await response.text();
  leave.abort();
  return { status, headers, text, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** These say something else, or ask only Temporal. */
const WITHOUT_DATABASE = [
  'GET /api/v1/info',
  'GET /livez',
  'GET /readyz',
  'POST /api/v1/webhooks/stripe',
];

test('these are all operations of the API that use the database', () => {
  const operations = Object.entries(openApiDocument().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...Object.keys(REQUESTS), ...WITHOUT_DATABASE].sort()).toEqual(operations.sort());
});

const requests = Object.entries(REQUESTS);

test.each(Object.entries(NOT_NOW))('%s %s is 503 on every route', async (sqlstate) => {
  await way.whileFailing(sqlstate, async () => {
    for (const [operation, request] of requests) {
      const answer = await request();
      expect({ operation, status: answer.status }).toEqual({ operation, status: 503 });
      expectRefused(answer, 'service_unavailable');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
});

test('what is wrong with our own query is no such thing', async () => {
  const api = await backend.startApi({ db: way.faulty });
  const answer = await way.whileFailing('42703', async () => (await api.customer()).list());
  expectRefused(answer, 'internal');
  expect(await api.close()).toHaveLength(1);
  api.close = () => Promise.resolve([]);
});

test('a lock on any table keeps nobody waiting for ten seconds', async () => {
  for (const table of way.tables) {
    const lock = `LOCK TABLE public."${table}" IN ACCESS EXCLUSIVE MODE`;
    await whileRivalHolds(
      backend.db,
      (rival) => rival.raw(lock),
      async () => {
        const startedAt = performance.now();
        const answers = await Promise.all(requests.map(([, request]) => request()));
        const waitedMs = performance.now() - startedAt;
        expect({ table, isInTime: waitedMs < WITHIN_MS }).toEqual({ table, isInTime: true });
        for (const answer of answers.filter(({ status }) => status >= 500))
          expectRefused(answer, 'service_unavailable');
      },
    );
  }
});

test('a lock on the seats stops search and create, which say so in good time', async () => {
  const lock = 'LOCK TABLE public.seats IN ACCESS EXCLUSIVE MODE';
  await whileRivalHolds(
    backend.db,
    (rival) => rival.raw(lock),
    async () => {
      const startedAt = performance.now();
      for (const operation of ['GET /api/v1/flights/{id}/seats', 'POST /api/v1/bookings'])
        expectRefused(
          await (REQUESTS[operation] as () => Promise<Answer>)(),
          'service_unavailable',
        );
      expect(performance.now() - startedAt).toBeLessThan(WITHIN_MS);
    },
  );
});

test('a connection that is cut in the middle of a query is 503, and the next request has another', async () => {
  const lock = 'LOCK TABLE public.bookings IN ACCESS EXCLUSIVE MODE';
  await whileRivalHolds(
    backend.db,
    (rival) => rival.raw(lock),
    async () => {
      const answer = ada.list();
      await backend.db.raw(`
      DO $$ BEGIN
        FOR i IN 1..200 LOOP
          EXIT WHEN (SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'faulty' AND wait_event_type = 'Lock');
          PERFORM pg_sleep(0.005);
          PERFORM pg_stat_clear_snapshot();
        END LOOP;
      END $$`);
      expectRefused(await answer, 'service_unavailable');
    },
  );
  expect((await ada.list()).status).toBe(200);
});

describe('a problem that leaves open what happened', () => {
  const failing = (request: () => Promise<Answer>) => way.whileFailing('55P03', request);

  test('names the booking that the key or the request stands for', async () => {
    const key = newKey();
    const [first, again] = [
      await failing(() => ada.create({ id: flightId }, {}, key)),
      await failing(() => ada.create({ id: flightId }, {}, key)),
    ];
    const { bookingId } = expectRefused(first, 'service_unavailable');
    expect(bookingId).toMatch(/^[0-9a-f-]{36}$/);
    expect(expectRefused(again, 'service_unavailable').bookingId).toBe(bookingId);
    for (const operation of [
      'GET /api/v1/bookings/{id}',
      'GET /api/v1/bookings/{id}/events',
      'GET /api/v1/bookings/{id}/cancellation-quote',
      'POST /api/v1/bookings/{id}/cancel',
      'POST /api/v1/bookings/payments',
    ]) {
      const answer = await failing(REQUESTS[operation] as () => Promise<Answer>);
      expect(expectRefused(answer, 'service_unavailable').bookingId).toBe(ID);
    }
  });

  test('names none where nothing can have begun', async () => {
    const answer = await failing(() => ada.create({ id: flightId }));
    expect(expectRefused(answer, 'service_unavailable')).not.toHaveProperty('bookingId');
    const refused = await ada.create({ id: randomUUID() }, {}, newKey());
    expect(expectRefused(refused, 'flight_not_found')).not.toHaveProperty('bookingId');
  });

  test('names one where the work may have begun, also without a key', async () => {
    // There is no Temporal: nobody knows whether it has the request.
    for (const key of [undefined, newKey()]) {
      const { bookingId } = expectRefused(
        await ada.create({ id: flightId }, {}, key),
        'service_unavailable',
      );
      expect(bookingId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
