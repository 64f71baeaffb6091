import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { randomFrom } from '../../support/random';
import type {
  DeliveryLine,
  MailLine,
  OperationKind,
  ProviderPayment,
  Response,
} from '../history/format';
import type { History, Operation } from '../history/read';

/**
 * A shop in memory that keeps every promise, and its customers: what a fault run would record of a
 * system without faults of its own. Answers get lost, requests are repeated, customers come at once
 * and holds expire; each request takes effect at one moment between its sending and its end.
 */
const BEGAN_AT = '2026-01-01T00:00:00.000Z';
const WINDOW_SECONDS = 20;
const SECRET = `whsec_${Buffer.from('a secret of a shop in memory').toString('base64')}`;
const FLIGHTS = [idOf('flight', 1), idOf('flight', 2)];
const SEATS = ['1A', '1B', '1C', '2A', '2B', '2C'];
const PRICE = 10_000;
const CHANGE_FEE = 500;
const CANCELLATION_FEE = 3_000;

const DEPARTS_AT = '2026-02-01T00:00:00.000Z';
const HOUR_MS = 60 * 60_000;

const laterBy = (milliseconds: number, instant: string) =>
  new Date(Date.parse(instant) + milliseconds).toISOString();
const iso = (at: number) => new Date(Date.parse(BEGAN_AT) + at).toISOString();

function idOf(what: string, count: number): string {
  const hex = createHash('sha256').update(`${what} ${count}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

interface ShopBooking {
  id: string;
  client: number;
  email: string;
  flightId: string;
  seatNumber: string;
  status: 'pending' | 'booked' | 'cancelled';
  reason: string | null;
  deadline: number;
  price: number;
  payments: {
    id: string;
    status: string;
    amount: number;
    provider: string;
    applied: boolean;
    refunds: { status: string; amount: number; currency: string }[];
  }[];
  refund: number;
  events: { type: string; occurredAt: string }[];
  scheduleChange: { id: string; actionTaken: string | null } | null;
}

const TOLD: Record<string, string> = {
  seats_held: 'booking.pending',
  booked: 'booking.booked',
  cancelled: 'booking.cancelled',
  changed: 'booking.changed',
  schedule_changed: 'booking.schedule_changed',
  payment_declined: 'payment.declined',
  refunded: 'refund.succeeded',
};
const MAILED = ['seats_held', 'booked', 'cancelled', 'changed', 'schedule_changed'];

export function response(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  const text = JSON.stringify(body);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return {
    status,
    headers: { 'content-type': type, ...headers },
    body: text,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

const problem = (status: number, code: string) => response(status, { code, requestId: 'r' });
const money = (amount: number) => ({ amount, currency: 'USD' });

/** Carries out requests, each at one moment. */
class Shop {
  readonly bookings = new Map<string, ShopBooking>();
  readonly provider: ProviderPayment[] = [];
  readonly deliveries: DeliveryLine[] = [];
  readonly mails: MailLine[] = [];
  readonly #outcomes = new Map<string, { body: string; answer: Response }>();
  readonly #reported = new Set<string>();
  readonly #departures = new Map(FLIGHTS.map((flight) => [flight, DEPARTS_AT]));
  readonly #quotes = new Map<string, { bookingId: string; flightId: string }>();
  #count = 0;

  view({ id, ...own }: ShopBooking) {
    const applied = own.payments.find((payment) => payment.applied);
    return {
      id,
      reference: id.slice(0, 6),
      status: own.status,
      cancellationReason: own.reason,
      flight: { id: own.flightId },
      slices: [{ segments: [this.#segment(own)] }],
      passengers: [
        {
          id: `${id}/1`,
          givenName: 'Ada',
          familyName: 'Lovelace',
          seats: [{ flightId: own.flightId, seatNumber: own.seatNumber }],
        },
      ],
      price: money(own.price),
      paymentRequiredBy: iso(own.deadline),
      payment:
        applied === undefined
          ? null
          : { id: applied.id, status: applied.status, ...money(applied.amount) },
      refund: own.refund === 0 ? null : { status: 'succeeded', ...money(own.refund) },
      scheduleChange: own.scheduleChange,
    };
  }

  #segment({ flightId, status }: Pick<ShopBooking, 'flightId' | 'status'>) {
    const departureAt = this.#departures.get(flightId) ?? '';
    return {
      id: flightId,
      departureAt,
      arrivalAt: laterBy(HOUR_MS, departureAt),
      status: status === 'cancelled' ? 'cancelled' : 'confirmed',
    };
  }

  ownerOf(flightId: string, seatNumber: string): ShopBooking | undefined {
    return [...this.bookings.values()].find(
      (one) =>
        one.status !== 'cancelled' && one.flightId === flightId && one.seatNumber === seatNumber,
    );
  }

  map(flightId: string) {
    const seats = SEATS.map((seatNumber) => {
      const owner = this.ownerOf(flightId, seatNumber);
      const state = owner === undefined ? 'free' : owner.status === 'booked' ? 'sold' : 'held';
      return { seatNumber, cabin: 'economy', state };
    });
    return response(200, { flightId, seats });
  }

  /** What is due by now, in its order. */
  expire(now: number): void {
    for (const booking of this.bookings.values())
      if (booking.status === 'pending' && booking.deadline <= now)
        this.#cancel(booking, 'payment_expired', booking.deadline);
  }

  carryOut(operation: Operation, at: number): Response {
    const { client, kind, key, request } = operation;
    const text = JSON.stringify(request.body);
    const name = JSON.stringify([client, kind, key]);
    const earlier = key === undefined ? undefined : this.#outcomes.get(name);
    if (earlier !== undefined) {
      if (earlier.body !== text) return problem(422, 'idempotency_key_reused');
      const { answer } = earlier;
      return { ...answer, headers: { ...answer.headers, 'idempotent-replayed': 'true' } };
    }
    const answer = this.#decide(operation, at);
    // A certain seat is seen to be taken before anything is begun: that leaves the key free.
    const isBegun = !text.includes('seatNumber');
    const isBound =
      [201, 402].includes(answer.status) ||
      kind === 'schedule_change' ||
      (isBegun && answer.body.includes('seats_unavailable'));
    if (key !== undefined && isBound) this.#outcomes.set(name, { body: text, answer });
    return answer;
  }

  #decide({ kind, client, request }: Operation, at: number): Response {
    const body = (request.body ?? {}) as Record<string, never>;
    const [, id = ''] = /([0-9a-f-]{36})/.exec(request.path) ?? [];
    const decisions: Partial<Record<typeof kind, () => Response>> = {
      book: () => this.#book(client, body, at),
      pay: () => this.#pay(body, at),
      pay_external: () => this.#payExternally(body, at),
      seats: () => this.map(id),
      schedule_change: () => this.#move(id, body, at),
    };
    const booking = this.bookings.get(id);
    const decision = decisions[kind];
    if (decision !== undefined) return decision();
    return booking === undefined
      ? problem(404, 'booking_not_found')
      : this.#decideOf(booking, kind, body, at);
  }

  #decideOf(
    booking: ShopBooking,
    kind: OperationKind,
    body: Record<string, never>,
    at: number,
  ): Response {
    if (kind === 'change') return this.#change(booking, body, at);
    if (kind === 'change_quote') return this.#quoteChange(booking);
    if (kind === 'cancel_quote') {
      const refund = booking.status === 'booked' ? this.#goesBack(booking) : 0;
      return response(200, { bookingId: booking.id, refund: money(refund) });
    }
    if (kind === 'cancel' && booking.status !== 'cancelled')
      this.#cancel(booking, 'customer_request', at);
    return response(200, this.view(booking));
  }

  /** Whose hold it is loses it; who has bought is asked. */
  #move(flightId: string, body: Record<string, never>, at: number): Response {
    const { departureAt = '' } = body as Record<string, string>;
    this.#departures.set(flightId, departureAt);
    const id = idOf('schedule change', (this.#count += 1));
    for (const booking of this.bookings.values()) {
      if (booking.flightId !== flightId || booking.status === 'cancelled') continue;
      if (booking.status === 'pending') {
        this.#cancel(booking, 'flight_cancelled', at);
        continue;
      }
      booking.scheduleChange = { id, actionTaken: null };
      this.#tell(booking, 'schedule_changed', at);
    }
    return response(202, { id, flightId });
  }

  #quoteChange(booking: ShopBooking): Response {
    if (booking.status !== 'booked') return problem(409, 'booking_not_changeable');
    const id = idOf('quote', (this.#count += 1));
    const flightId = FLIGHTS.find((flight) => flight !== booking.flightId) ?? '';
    this.#quotes.set(id, { bookingId: booking.id, flightId });
    const paid = { toPay: money(CHANGE_FEE), toRefund: money(0) };
    const slices = [{ replaces: 0, flightIds: [flightId] }];
    return response(201, { id, bookingId: booking.id, slices, ...paid });
  }

  #book(client: number, body: Record<string, never>, at: number): Response {
    const {
      flightId = '',
      passengers = [],
      contact,
    } = body as {
      flightId?: string;
      passengers?: { seatNumber?: string }[];
      contact?: { email: string };
    };
    const wanted = passengers[0]?.seatNumber;
    const free = SEATS.filter((seat) => this.ownerOf(flightId, seat) === undefined);
    const seatNumber = wanted === undefined ? free[0] : free.find((seat) => seat === wanted);
    if (seatNumber === undefined) return problem(409, 'seats_unavailable');
    const id = idOf('booking', (this.#count += 1));
    const booking: ShopBooking = {
      id,
      client,
      flightId,
      seatNumber,
      price: PRICE,
      payments: [],
      refund: 0,
      events: [],
      status: 'pending',
      reason: null,
      deadline: at + WINDOW_SECONDS * 1000,
      scheduleChange: null,
      email: contact?.email ?? '',
    };
    this.bookings.set(id, booking);
    this.#tell(booking, 'seats_held', at);
    return response(201, this.view(booking));
  }

  #pay(body: Record<string, never>, at: number): Response {
    const { bookingId = '', paymentMethod = '' } = body as Record<string, string>;
    const booking = this.bookings.get(bookingId);
    if (booking?.status !== 'pending') return problem(409, 'booking_not_payable');
    if (paymentMethod !== 'pm_card_visa') {
      this.#tell(booking, 'payment_declined', at);
      return problem(402, 'payment_declined');
    }
    const payment = this.#charge(booking, PRICE, at);
    this.#sell(booking, at);
    return response(201, {
      id: payment.id,
      bookingId,
      bookingStatus: 'booked',
      status: 'captured',
      ...money(PRICE),
    });
  }

  #payExternally(body: Record<string, never>, at: number): Response {
    const {
      bookingId = '',
      provider = '',
      providerPaymentId = '',
    } = (body as { data?: Record<string, string> }).data ?? {};
    const booking = this.bookings.get(bookingId);
    if (booking === undefined || this.#reported.has(providerPaymentId)) return response(202, {});
    this.#reported.add(providerPaymentId);
    const isApplied = booking.status === 'pending';
    const refunds = isApplied ? [] : [{ status: 'needs_operator', ...money(PRICE) }];
    booking.payments.push({
      id: idOf('payment', (this.#count += 1)),
      status: 'captured',
      amount: PRICE,
      provider,
      applied: isApplied,
      refunds,
    });
    if (isApplied) this.#sell(booking, at);
    return response(202, {});
  }

  #sell(booking: ShopBooking, at: number): void {
    booking.status = 'booked';
    this.#tell(booking, 'booked', at);
  }

  #charge(booking: ShopBooking, amount: number, at: number) {
    const payment = {
      id: idOf('payment', (this.#count += 1)),
      status: 'captured',
      amount,
      provider: 'sandbox',
      applied: true,
      refunds: [],
    };
    booking.payments.push(payment);
    this.provider.push({
      id: `pi_${payment.id}`,
      key: payment.id,
      bookingId: booking.id,
      ...money(amount),
      paymentMethod: 'pm_card_visa',
      status: 'captured',
      refunds: [],
      createdAt: iso(at),
      capturedAt: iso(at),
    });
    return payment;
  }

  #change(booking: ShopBooking, body: Record<string, never>, at: number): Response {
    const { quoteId = '' } = body as Record<string, string>;
    const quote = this.#quotes.get(quoteId);
    if (booking.status !== 'booked' || quote?.flightId === booking.flightId)
      return problem(409, 'booking_not_changeable');
    const flightId = quote?.flightId ?? '';
    const seat = SEATS.find((one) => this.ownerOf(flightId, one) === undefined);
    if (seat === undefined) return problem(409, 'seats_unavailable');
    const { scheduleChange } = booking;
    if (scheduleChange !== null) scheduleChange.actionTaken = 'changed';
    Object.assign(booking, { flightId, seatNumber: seat });
    this.#charge(booking, CHANGE_FEE, at);
    this.#tell(booking, 'changed', at);
    const id = idOf('change', (this.#count += 1));
    const shown = { bookingId: booking.id, status: 'completed', booking: this.view(booking) };
    return response(201, { id, ...shown });
  }

  #goesBack({ payments }: ShopBooking): number {
    const paid = payments
      .filter(({ applied }) => applied)
      .reduce((sum, one) => sum + one.amount, 0);
    return Math.max(0, paid - CANCELLATION_FEE);
  }

  #cancel(booking: ShopBooking, reason: string, at: number): void {
    const owed = booking.status === 'booked' ? this.#goesBack(booking) : 0;
    Object.assign(booking, { status: 'cancelled', reason, refund: owed });
    this.#tell(booking, 'cancelled', at);
    let left = owed;
    for (const payment of booking.payments) {
      const amount = Math.min(left, payment.applied ? payment.amount : 0);
      if (amount === 0) continue;
      left -= amount;
      payment.refunds.push({ status: 'succeeded', ...money(amount) });
      const charged = this.provider.find(({ key }) => key === payment.id);
      charged?.refunds.push({
        id: `re_${payment.id}`,
        key: payment.id,
        amount,
        createdAt: iso(at),
      });
      this.#tell(booking, 'refunded', at);
    }
  }

  #tell(booking: ShopBooking, type: string, at: number): void {
    booking.events.push({ type, occurredAt: iso(at) });
    const id = idOf('event', (this.#count += 1));
    const event = {
      id,
      type: TOLD[type] ?? '',
      createdAt: iso(at),
      sequence: booking.events.length,
      data: { booking: this.view(booking) },
    };
    const body = JSON.stringify(event);
    const sentAt = new Date(Date.parse(iso(at)));
    this.deliveries.push({
      at: at + 5,
      wall: iso(at),
      body,
      answered: 204,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': new Webhook(SECRET).sign(id, sentAt, body),
      },
    });
    if (MAILED.includes(type))
      this.mails.push({
        at: at + 9,
        wall: iso(at),
        to: booking.email,
        subject: type,
        messageId: `<${id}@example.com>`,
      });
  }
}

/** A request that is on its way, and when it takes effect. */
interface Underway {
  operation: Operation;
  effectAt: number;
  /** What is asked for afterwards, by what came back. */
  next: (answer: Response | undefined) => Plan | undefined;
}

interface Plan {
  ask: Pick<Operation, 'kind' | 'request'> & { key?: string };
  next: Underway['next'];
}

const CUSTOMERS = [1, 2, 3, 4];
const OPERATOR = 100;
const VISITS = 4;
const MOVES = 2;

/** A run of the ideal shop; the same seed, the same run. */
export function playIdealRun(seed: number): History {
  const random = randomFrom(seed);
  const shop = new Shop();
  const operations: Operation[] = [];
  const underway = new Map<number, Underway>();
  let keys = 0;

  function send(client: number, { ask, next }: Plan, at: number, attempt = 1): void {
    const operation: Operation = {
      id: `o${operations.length + 1}`,
      client,
      kind: ask.kind,
      key: ask.key,
      attempt,
      request: ask.request,
      sentAt: at,
      endedAt: at,
      response: undefined,
      error: undefined,
    };
    operations.push(operation);
    underway.set(client, { operation, effectAt: at + random() * 900, next });
  }

  const on = (flightId: string) => ({
    method: 'GET',
    path: `/api/v1/flights/${flightId}/seats`,
    body: null,
  });
  const post = (path: string, body: unknown) => ({
    method: 'POST',
    path: `/api/v1/bookings${path}`,
    body,
  });
  const key = () => `key-${(keys += 1)}`;

  function visit(left: number): Plan | undefined {
    if (left === 0) return undefined;
    const flightId = FLIGHTS[Math.floor(random() * FLIGHTS.length)] ?? '';
    const again = () => visit(left - 1);
    if (random() < 0.3) return { ask: { kind: 'seats', request: on(flightId) }, next: again };
    const seatNumber = SEATS[Math.floor(random() * SEATS.length)];
    return book(key(), { flightId, passengers: [random() < 0.5 ? {} : { seatNumber }] }, again);
  }

  /** Whoever is refused a seat may take any, as someone else, under the same key. */
  function book(
    own: string,
    wanted: { flightId: string; passengers: { seatNumber?: string | undefined }[] },
    then: () => Plan | undefined,
  ): Plan {
    const body = { ...wanted, contact: { email: `${key()}@example.com` } };
    return {
      ask: { kind: 'book', key: own, request: post('', body) },
      next: (answer) => {
        if (answer?.status === 409 && random() < 0.5)
          return book(own, { ...wanted, passengers: [{}] }, then);
        if (answer?.status !== 201) return then();
        const { id } = JSON.parse(answer.body) as { id: string };
        return random() < 0.2 ? then() : pay(id, then);
      },
    };
  }

  function pay(bookingId: string, then: () => Plan | undefined): Plan {
    const isExternal = random() < 0.2;
    const paymentMethod = random() < 0.8 ? 'pm_card_visa' : 'pm_card_chargeDeclined';
    const data = { bookingId, ...money(PRICE), provider: 'bank', providerPaymentId: key() };
    const asked: Plan['ask'] = isExternal
      ? { kind: 'pay_external', request: { ...post('', { data }), path: '/api/v1/payment-events' } }
      : {
          kind: 'pay',
          key: key(),
          request: post('/payments', { bookingId, ...money(PRICE), paymentMethod }),
        };
    return {
      ask: asked,
      next: (answer) => {
        const mind = random();
        if (answer?.status === 402) return mind < 0.7 ? pay(bookingId, then) : then();
        if (mind < 0.3) return cancel(bookingId, then);
        if (mind < 0.6) return change(bookingId, then);
        const read = { method: 'GET', path: `/api/v1/bookings/${bookingId}`, body: null };
        return { ask: { kind: 'get', request: read }, next: then };
      },
    };
  }

  function cancel(id: string, then: () => Plan | undefined): Plan {
    const quote = { method: 'GET', path: `/api/v1/bookings/${id}/cancellation-quote`, body: null };
    return {
      ask: { kind: 'cancel_quote', request: quote },
      next: () => ({
        ask: { kind: 'cancel', request: post(`/${id}/cancel`, {}) },
        next: then,
      }),
    };
  }

  function change(id: string, then: () => Plan | undefined): Plan {
    return {
      ask: { kind: 'change_quote', request: post(`/${id}/change-quotes`, {}) },
      next: (answer) => {
        if (answer?.status !== 201) return then();
        const { id: quoteId } = JSON.parse(answer.body) as { id: string };
        const request = post(`/${id}/changes`, { quoteId });
        const after = () => (random() < 0.4 ? cancel(id, then) : then());
        return { ask: { kind: 'change', key: key(), request }, next: after };
      },
    };
  }

  function move(left: number): Plan | undefined {
    if (left === 0) return undefined;
    const flightId = FLIGHTS[Math.floor(random() * FLIGHTS.length)] ?? '';
    const departureAt = laterBy(left * HOUR_MS, DEPARTS_AT);
    const body = { kind: 'moved', departureAt, arrivalAt: laterBy(HOUR_MS, departureAt) };
    const request = { ...on(flightId), method: 'POST', body };
    request.path = request.path.replace('/seats', '/schedule-changes');
    return { ask: { kind: 'schedule_change', key: key(), request }, next: () => move(left - 1) };
  }

  const moved = move(MOVES);
  if (moved !== undefined) send(OPERATOR, moved, random() * 10_000);
  for (const client of CUSTOMERS) {
    const plan = visit(VISITS);
    if (plan !== undefined) send(client, plan, random() * 500);
  }
  let now = 0;
  while (underway.size > 0) {
    const [first] = [...underway.values()].sort((a, b) => a.effectAt - b.effectAt);
    if (first === undefined) break;
    const { operation, effectAt, next } = first;
    now = effectAt;
    shop.expire(now);
    // What is lost on its way has no effect; what is lost on its way back has.
    const luck = random();
    const answer = luck < 0.05 ? undefined : shop.carryOut(operation, now);
    operation.endedAt = now + random() * 300;
    operation.response = luck < 0.1 ? undefined : answer;
    if (operation.response === undefined) operation.error = 'ECONNRESET';
    underway.delete(operation.client);
    const { client, kind, request, key: own, attempt } = operation;
    const at = operation.endedAt + random() * 2_000;
    const isOver = operation.response !== undefined || attempt > 3;
    const ask = { kind, request, ...(own === undefined ? {} : { key: own }) };
    if (!isOver || random() < 0.1) {
      send(client, { ask, next }, at, attempt + 1);
      continue;
    }
    const plan = next(operation.response);
    if (plan !== undefined) send(client, plan, at);
  }
  return record(shop, operations, now);
}

/** Everything is over, and read once more. */
function record(shop: Shop, operations: Operation[], now: number): History {
  const calmAt = now + (WINDOW_SECONDS + 10) * 1000;
  shop.expire(calmAt);
  const moment = { at: calmAt + 1, wall: iso(calmAt + 1) };
  const reads = (body: (booking: ShopBooking) => unknown) =>
    [...shop.bookings.values()].map((booking) => ({
      ...moment,
      client: booking.client,
      bookingId: booking.id,
      response: response(200, body(booking)),
    }));
  const receivers = CUSTOMERS.map((client) => ({
    name: `shop-${client}`,
    client,
    secrets: [SECRET],
    isHealthy: true,
    registeredAt: -1,
  }));
  const clientOf = ({ body }: DeliveryLine) =>
    shop.bookings.get((JSON.parse(body) as { data: { booking: { id: string } } }).data.booking.id)
      ?.client;
  return {
    run: {
      format: 1,
      seed: 1,
      minutes: 1,
      startedAt: BEGAN_AT,
      healedAt: now + 1000,
      calmAt,
      versions: {},
      parameters: {},
      hasMails: true,
      receivers,
      deadlines: { paymentWindowSeconds: WINDOW_SECONDS },
      customers: [
        ...CUSTOMERS.map((client) => ({ client, sub: `c${client}`, role: 'customer' as const })),
        { client: OPERATOR, sub: 'o', role: 'operator' },
      ],
      flights: FLIGHTS.map((flightId) => ({
        flightId,
        departsAt: DEPARTS_AT,
        capacity: { economy: SEATS },
      })),
    },
    operations,
    // Answers are lost all the time: this is what it is blamed on.
    faults: [
      {
        id: 'f1',
        kind: 'reset',
        target: 'customers→proxy',
        begunAt: 0,
        endedAt: now,
        details: {},
      },
    ],
    probes: (['create', 'pay'] as const).map((endpoint, index) => ({
      at: now + 3 + index * 2,
      wall: iso(now),
      endpoint,
      ok: true,
      status: 201,
      milliseconds: 1,
    })),
    provider: { provider: 'sandbox', payments: shop.provider },
    deliveries: new Map(
      receivers.map(({ name, client }) => [
        name,
        shop.deliveries.filter((line) => clientOf(line) === client),
      ]),
    ),
    mails: shop.mails,
    final: {
      bookings: reads((booking) => shop.view(booking)),
      payments: reads(({ id, status, payments }) => ({
        data: payments.map(({ amount, ...payment }) => ({
          ...payment,
          bookingId: id,
          bookingStatus: status,
          ...money(amount),
          refundedByProvider: 0,
        })),
      })),
      events: reads(({ events }) => ({ data: events })),
      seats: FLIGHTS.map((flightId) => ({ ...moment, flightId, response: shop.map(flightId) })),
    },
  };
}
