import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  createClient,
  newIntent,
  type ClientOptions,
  type FlightBookings,
  type ProblemCode,
  type Schemas,
} from '../../clients/typescript/src/client';
import { eraseCustomer } from '../../src/db/personal-data/erase';
import { erasableBefore } from '../../src/domain/retention';
import { tokenOf, type ApiUnderTest, type Storefront } from '../support/api';
import { openFaultyWayInto } from '../support/faulty-database';
import { putFlightOnSale } from '../support/flights';

/** What each case plays in. */
export interface Stage {
  store: Storefront;
  /** An API whose database is there, and whose Temporal is not. */
  halfAway: ApiUnderTest;
}

/** How many seats one customer may hold unpaid, in bookings; the stage's own setting. */
export const MAX_OPEN_HOLDS = 2;

type Refused = Promise<{ error?: unknown }>;
type Fetch = NonNullable<ClientOptions['fetch']>;

const ADA = { givenName: 'Ada', familyName: 'Lovelace' };
const CARD = 'pm_card_visa';
const BOOKINGS = '/api/v1/bookings';
const PAYMENTS = '/api/v1/bookings/payments';
const ENDPOINTS = '/api/v1/webhook-endpoints';
const CANCELLED = { kind: 'cancelled', reason: 'Fog.' } as const;

const byId = (id: string = randomUUID()) => ({ params: { path: { id } } });

/** A customer nobody has seen before, whose client sends everything once: problems are shown. */
async function customer(
  { url }: { url: string },
  options: Partial<ClientOptions> = {},
  claims: { sub?: string; scope?: string } = {},
): Promise<FlightBookings> {
  const token = await tokenOf({ sub: `customer-${randomUUID()}`, ...claims });
  return createClient({ baseUrl: url, token, retryForMs: 0, ...options });
}

const operator = ({ store }: Stage) => customer(store, {}, { scope: 'operator' });

async function hold(api: FlightBookings, flight: { id: string }): Promise<Schemas['Booking']> {
  const { data, error } = await api.POST(BOOKINGS, {
    body: { flightId: flight.id, passengers: [ADA] },
  });
  if (data === undefined) throw new Error(`Nothing was held: ${error.code}`);
  return data;
}

const pay = (api: FlightBookings, { id, price }: Schemas['Booking'], paymentMethod = CARD) =>
  api.POST(PAYMENTS, {
    body: { bookingId: id, amount: price.amount, currency: price.currency, paymentMethod },
  });

async function sell(api: FlightBookings, flight: { id: string }): Promise<Schemas['Booking']> {
  const booking = await hold(api, flight);
  await pay(api, booking);
  return booking;
}

/** A booking that its customer has paid for, on a flight of its own. */
async function sold({ store }: Stage) {
  const api = await customer(store);
  const flight = await store.flight();
  return { api, flight, booking: await sell(api, flight) };
}

/** A booking whose customer has not paid yet. */
async function held({ store }: Stage) {
  const api = await customer(store);
  const flight = await store.flight();
  return { api, flight, booking: await hold(api, flight) };
}

/** What exchanging a sold booking's flight for another one costs. */
async function quoted(stage: Stage) {
  const sale = await sold(stage);
  const other = await stage.store.flight();
  const { data: quote } = await sale.api.POST(`${BOOKINGS}/{id}/change-quotes`, {
    ...byId(sale.booking.id),
    body: { slices: [{ replaces: 0, flightIds: [other.id] }] },
  });
  if (quote === undefined) throw new Error('There is no quote');
  const change = (intent = newIntent()) =>
    sale.api.POST(`${BOOKINGS}/{id}/changes`, {
      ...byId(sale.booking.id),
      body: { quoteId: quote.id, paymentMethod: CARD },
      intent,
    });
  return { ...sale, other, quote, change };
}

/** Something between client and API that changes what is sent. */
const through =
  (change: (init: RequestInit) => RequestInit): Fetch =>
  (url, init) =>
    fetch(url, change(init));

/** Something between client and API that sends these bytes instead, and waits for the answer. */
const sending =
  (bytes: string): Fetch =>
  async (url) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.write(bytes);
    await once(socket, 'close');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return new Response(body, { status: Number(head.split(' ')[1]) });
  };

async function askThrough({ store }: Stage, fetch: Fetch) {
  const api = await customer(store, { fetch });
  return api.POST(BOOKINGS, { body: { flightId: randomUUID(), passengers: [ADA] } });
}

async function orderTwice(stage: Stage): Refused {
  const flight = await stage.store.flight();
  const staff = await operator(stage);
  const order = () =>
    staff.POST('/api/v1/flights/{id}/schedule-changes', { ...byId(flight.id), body: CANCELLED });
  await order();
  return order();
}

/** One way to each problem, by the client. */
export const PROBLEM_CASES: Record<ProblemCode, (stage: Stage) => Refused> = {
  malformed_request: (stage) => askThrough(stage, sending('STEAL / HTTP/1.1\r\nHost: a\r\n\r\n')),
  malformed_json: (stage) =>
    askThrough(
      stage,
      through((init) => ({ ...init, body: '{"flig' })),
    ),
  validation_failed: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, { body: { flightId: 'none', passengers: [ADA] } }),
  idempotency_key_required: async ({ store }) => {
    const fetch = through((init) => {
      const headers = new Headers(init.headers);
      headers.delete('x-idempotency-key');
      return { ...init, headers };
    });
    const api = await customer(store, { fetch });
    return api.POST(PAYMENTS, {
      body: { bookingId: randomUUID(), amount: 1, currency: 'USD', paymentMethod: CARD },
    });
  },
  idempotency_key_invalid: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, {
      intent: { key: 'a key with blanks' },
      body: { flightId: randomUUID(), passengers: [ADA] },
    }),
  unauthenticated: ({ store }) => createClient({ baseUrl: store.url }).GET(BOOKINGS),
  payment_declined: async (stage) => {
    const { api, booking } = await held(stage);
    return pay(api, booking, 'pm_card_chargeDeclined');
  },
  forbidden: async ({ store }) =>
    (await customer(store)).GET('/api/v1/schedule-changes/{id}', byId()),
  operation_not_possible: async (stage) => {
    const { booking } = await sold(stage);
    const staff = await operator(stage);
    return staff.POST(`${BOOKINGS}/{id}/operations/retry-payment`, {
      ...byId(booking.id),
      body: { note: 'The bank says that it works again.' },
    });
  },
  flight_not_found: async ({ store }) =>
    (await customer(store)).GET('/api/v1/flights/{id}', byId()),
  booking_not_found: async ({ store }) =>
    (await customer(store)).GET('/api/v1/bookings/{id}', byId()),
  webhook_endpoint_not_found: async ({ store }) =>
    (await customer(store)).POST('/api/v1/webhook-endpoints/{id}/ping', byId()),
  delivery_not_found: async ({ store }) => {
    const api = await customer(store);
    const { data } = await api.POST(ENDPOINTS, { body: { url: 'http://127.0.0.1:9/' } });
    return api.POST('/api/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver', {
      params: { path: { id: data?.id ?? '', deliveryId: randomUUID() } },
    });
  },
  schedule_change_not_found: async (stage) =>
    (await operator(stage)).GET('/api/v1/schedule-changes/{id}', byId()),
  route_not_found: async ({ store }) =>
    (await customer({ url: `${store.url}/nowhere` })).GET('/api/v1/info'),
  method_not_allowed: (stage) =>
    askThrough(
      stage,
      through((init) => ({ ...init, method: 'PUT' })),
    ),
  request_timeout: async ({ halfAway }) => {
    const impatient = await halfAway.startApi({ keepAliveSeconds: 1 });
    const api = await customer(impatient, { fetch: sending('GET / HTTP/1.1\r\nX-Slow: ') });
    return api.GET('/api/v1/info');
  },
  seats_unavailable: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, {
      body: { flightId: (await store.flight({ seats: 1 })).id, passengers: [ADA, ADA] },
    }),
  flight_closed: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, {
      body: { flightId: (await store.flight({ departsInMinutes: 30 })).id, passengers: [ADA] },
    }),
  booking_not_payable: async (stage) => {
    const { api, booking } = await held(stage);
    await api.POST('/api/v1/bookings/{id}/cancel', byId(booking.id));
    return pay(api, booking);
  },
  payment_in_progress: async (stage) => {
    const { api, booking } = await held(stage);
    const capture = stage.store.provider.pause('capture');
    const paying = pay(api, booking);
    await capture.reached;
    const refused = await pay(api, booking);
    capture.letIn();
    await paying;
    return refused;
  },
  booking_not_cancellable: async (stage) => {
    const { api, booking, flight } = await sold(stage);
    await stage.store.reschedule(flight, -1);
    return api.POST('/api/v1/bookings/{id}/cancel', byId(booking.id));
  },
  quote_changed: async (stage) => {
    const { api, booking } = await sold(stage);
    return api.POST('/api/v1/bookings/{id}/cancel', {
      ...byId(booking.id),
      body: { expectedRefund: { amount: 1, currency: 'USD' } },
    });
  },
  too_many_webhook_endpoints: async ({ store }) => {
    const api = await customer(store);
    const create = () => api.POST(ENDPOINTS, { body: { url: 'http://127.0.0.1:9/' } });
    for (let count = 0; count < 10; count += 1) await create();
    return create();
  },
  quote_not_found: async (stage) => {
    const { api, booking } = await sold(stage);
    return api.POST('/api/v1/bookings/{id}/changes', {
      ...byId(booking.id),
      body: { quoteId: randomUUID() },
    });
  },
  change_not_found: async (stage) => {
    const { api, booking } = await sold(stage);
    return api.GET('/api/v1/bookings/{id}/changes/{changeId}', {
      params: { path: { id: booking.id, changeId: randomUUID() } },
    });
  },
  passenger_not_found: async (stage) => {
    const { api, booking } = await held(stage);
    return api.PATCH('/api/v1/bookings/{id}/passengers/{passengerId}', {
      params: { path: { id: booking.id, passengerId: randomUUID() } },
      body: { givenName: 'Adam' },
    });
  },
  quote_expired: async (stage) => {
    const { quote, change } = await quoted(stage);
    const quotes = stage.store.db('change_quotes').where({ id: quote.id });
    await quotes.update({ expires_at: new Date() });
    return change();
  },
  booking_not_changeable: async (stage) => {
    const { api, booking, flight } = await held(stage);
    return api.POST('/api/v1/bookings/{id}/change-quotes', {
      ...byId(booking.id),
      body: { slices: [{ replaces: 0, flightIds: [flight.id] }] },
    });
  },
  change_in_progress: async (stage) => {
    const { change } = await quoted(stage);
    const authorization = stage.store.provider.pause('authorize');
    const changing = change();
    await authorization.reached;
    const refused = await change();
    authorization.letIn();
    await changing;
    return refused;
  },
  name_change_refused: async (stage) => {
    const { api, booking } = await held(stage);
    return api.PATCH('/api/v1/bookings/{id}/passengers/{passengerId}', {
      params: { path: { id: booking.id, passengerId: booking.passengers[0]?.id ?? '' } },
      body: { givenName: 'Grace', familyName: 'Hopper' },
    });
  },
  schedule_change_closed: orderTwice,
  flight_departed: async (stage) => {
    const flight = await stage.store.flight();
    await stage.store.reschedule(flight, -1);
    return (await operator(stage)).POST('/api/v1/flights/{id}/schedule-changes', {
      ...byId(flight.id),
      body: CANCELLED,
    });
  },
  erased: async ({ store }) => {
    const sub = `customer-${randomUUID()}`;
    const api = await customer(store, {}, { sub });
    const flight = await store.flight();
    const intent = newIntent();
    const book = () =>
      api.POST(BOOKINGS, { intent, body: { flightId: flight.id, passengers: [ADA] } });
    const { data: booking } = await book();
    await api.POST('/api/v1/bookings/{id}/cancel', byId(booking?.id));
    const longAgo = new Date(Date.now() - 8 * 24 * 60 * 60_000);
    await store.db('flights').where({ id: flight.id }).update({ departure_at: longAgo });
    const now = new Date();
    await eraseCustomer(store.db, sub, { requestedAt: now, before: erasableBefore(now) });
    return book();
  },
  payload_too_large: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, {
      body: { flightId: randomUUID(), passengers: [{ familyName: 'x'.repeat(110_000) }] },
    }),
  unsupported_media_type: async ({ store }) =>
    (await customer(store)).POST(BOOKINGS, {
      headers: { 'content-type': 'text/plain' },
      body: { flightId: randomUUID(), passengers: [ADA] },
    }),
  idempotency_key_reused: async (stage) => {
    const { api, flight } = await held(stage);
    const intent = newIntent();
    const book = (familyName: string) =>
      api.POST(BOOKINGS, { intent, body: { flightId: flight.id, passengers: [{ familyName }] } });
    await book('Lovelace');
    return book('Babbage');
  },
  amount_mismatch: async (stage) => {
    const { api, booking } = await held(stage);
    return pay(api, { ...booking, price: { ...booking.price, amount: 1 } });
  },
  rate_limited: async ({ halfAway }) => {
    const narrow = await halfAway.startApi({ rateLimitPerMinute: 1 });
    const api = await customer(narrow);
    await api.GET(BOOKINGS);
    return api.GET(BOOKINGS);
  },
  too_many_holds: async ({ store }) => {
    const api = await customer(store);
    const flight = await store.flight();
    for (let count = 0; count < MAX_OPEN_HOLDS; count += 1) await hold(api, flight);
    return api.POST(BOOKINGS, { body: { flightId: flight.id, passengers: [ADA] } });
  },
  too_many_declines: async (stage) => {
    const { api, booking } = await held(stage);
    for (let count = 0; count < 10; count += 1) await pay(api, booking, 'pm_card_chargeDeclined');
    return pay(api, booking);
  },
  headers_too_large: async ({ store }) =>
    (await customer(store)).GET(BOOKINGS, { headers: { 'x-padding': 'x'.repeat(20_000) } }),
  internal: async ({ halfAway }) => {
    const way = await openFaultyWayInto(halfAway);
    const faulty = await halfAway.startApi({ db: way.faulty });
    const api = await customer(faulty);
    const refused = await way.whileFailing('42703', () => api.GET(BOOKINGS));
    // It did what it should: it called someone.
    await faulty.close();
    faulty.close = () => Promise.resolve([]);
    await way.faulty.destroy();
    return refused;
  },
  service_unavailable: async ({ halfAway }) => {
    const { id: flightId } = await putFlightOnSale(halfAway.db, { seats: 1 });
    const api = await customer(halfAway);
    return api.POST(BOOKINGS, { body: { flightId, passengers: [ADA] } });
  },
};
