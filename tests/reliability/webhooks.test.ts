import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import type { WebhookEndpoint } from '../../src/domain/webhooks/endpoint';
import { untilSeen } from '../support/shop';
import { openReceiver, verify, type Answering, type Receiver } from '../support/webhook-receiver';
import type { CrashShop } from './crash-shop';
import { persist, type Shopper } from './shopper';
import { openForAllTests } from './whole-file';

/**
 * A shop with ten endpoints, of which one is slow, one dead, one fails at random and one redirects,
 * while worker and PostgreSQL are killed: the healthy ones hear of everything, and of nothing else.
 */
jest.setTimeout(600_000);

/** Fewer where people wait for the tests; a run by hand makes as many as are promised. */
const BOOKINGS = Number(process.env.WEBHOOK_BOOKINGS ?? 40);

const AT_ONCE = 8;
const SLOW_MS = 2_000;
const PAYMENT_WINDOW_SECONDS = 3_600;

/** A killed part takes some seconds to come back; what was to be sent then waits for it. */
const P99_MS = 30_000;

let shop: CrashShop;
const receivers: Receiver[] = [];

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});
afterAll(() => Promise.all(receivers.map((one) => one.close())));

interface Hook {
  receiver: Receiver;
  endpoint: WebhookEndpoint & { secret: string };
}

interface Happened {
  id: string;
  booking_id: string;
  sequence: number;
  type: string;
}

const slow: Answering = (_req, res) => {
  setTimeout(() => res.writeHead(204).end(), SLOW_MS);
};

/** Fails at half of the events when they come first. */
function failingAtRandom(): Answering {
  const seen = new Set<string>();
  return (_req, res, { event }) => {
    const isFirst = !seen.has(event.id);
    seen.add(event.id);
    res.writeHead(isFirst && Number.parseInt(event.id[0] ?? '', 16) < 8 ? 500 : 204).end();
  };
}

test('every healthy endpoint gets every event, whoever is killed meanwhile and however the others do', async () => {
  const customerId = `shop-${randomUUID()}`;
  const { client } = await shop.shopper(30, customerId);
  const hook = async (answering?: Answering): Promise<Hook> => {
    const receiver = await openReceiver(answering);
    receivers.push(receiver);
    const { status, body: endpoint } = await client.post<Hook['endpoint']>(
      '/api/v1/webhook-endpoints',
      { url: receiver.url },
    );
    expect(status).toBe(201);
    return { receiver, endpoint };
  };
  const elsewhere = await openReceiver();
  receivers.push(elsewhere);
  const healthy = await Promise.all(Array.from({ length: 6 }, () => hook()));
  const failing = await hook(failingAtRandom());
  const late = await hook(slow);
  const dead = await hook();
  await dead.receiver.close();
  await hook((_req, res) => res.writeHead(307, { location: elsewhere.url }).end());

  // Their flights are on sale before anything is killed.
  const shoppers = await Promise.all(
    Array.from({ length: BOOKINGS }, () => shop.shopper(30, customerId)),
  );
  const waiting = [...shoppers.entries()];
  const customer = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [before, shopper] = next;
      const mine = before + 1;
      if (mine === Math.ceil(BOOKINGS / 4) || mine === Math.ceil(BOOKINGS / 2)) shop.kill('worker');
      if (mine === Math.ceil((3 * BOOKINGS) / 4)) shop.kill('postgres');
      const { status, body } = await shopper.create();
      expect(status).toBe(201);
      if (mine % 5 === 0)
        await shopper.pay(body, { paymentMethod: 'pm_card_chargeDeclined' }, randomUUID());
      expect(await shopper.pay(body)).toMatchObject({ status: 201 });
      if (mine % 4 === 0) await cancelInTheEnd(shopper, body);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, customer));

  /** What happened to the shop's bookings, once every refund has succeeded. */
  const happened = await untilSeen(async () => {
    const events = await shop
      .db('outgoing_events')
      .join('bookings', 'bookings.id', 'outgoing_events.booking_id')
      .where({ customer_id: customerId })
      .orderBy(['booking_id', 'sequence'])
      .select<Happened[]>('outgoing_events.id', 'booking_id', 'sequence', 'type');
    const refunds = events.filter(({ type }) => type === 'refund.succeeded');
    return refunds.length === Math.floor(BOOKINGS / 4) ? events : undefined;
  });
  const bookings = new Set(happened.map(({ booking_id: id }) => id));
  expect(bookings.size).toBe(BOOKINGS);

  const ids = happened.map(({ id }) => id).sort();
  const idsAt = ({ receiver }: Hook) =>
    [...new Set(receiver.received.map(({ event }) => event.id))].sort();
  for (const one of [...healthy, failing]) {
    await untilSeen(() => Promise.resolve(idsAt(one).length >= ids.length || undefined));
    // Every event that happened, and none that did not.
    expect(idsAt(one)).toEqual(ids);
    for (const received of one.receiver.received) verify(received, one.endpoint.secret);
    for (const id of bookings) {
      const sequences = one.receiver.eventsOf(id).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    }
  }
  expect(elsewhere.received).toEqual([]);

  // Of what the slow one and the dead one are still to get, nothing is lost.
  for (const one of [late, dead]) {
    const owed = await shop
      .db('webhook_deliveries')
      .where({ endpoint_id: one.endpoint.id, status: 'pending' })
      .pluck<string[]>('event_id');
    expect([...new Set([...idsAt(one), ...owed])].sort()).toEqual(ids);
  }
  expect(idsAt(late).length).toBeGreaterThan(0);
  expect(idsAt(dead)).toEqual([]);

  const delays = healthy.flatMap(({ receiver }) => delaysOf(receiver)).sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((part) => delays[Math.floor(part * delays.length)] ?? 0);
  if (BOOKINGS >= 1_000) process.stdout.write(`Delays in ms: p50 ${p50}, p99 ${p99}\n`);
  expect(p99).toBeLessThan(P99_MS);
  expect(await shop.audit()).toEqual([]);
});

/**
 * Cancels a booking that its customer knows to be booked. The payment of a worker that died is under
 * way for its workflow a moment longer: then the same request is to be sent again.
 */
async function cancelInTheEnd({ client }: Shopper, booking: Booking): Promise<void> {
  const { status } = await persist(
    () => client.cancel(booking),
    (answer) => answer.status !== 202 && (answer.body as { retry?: string }).retry !== 'same_key',
  );
  expect(status).toBe(200);
}

/** How long after it happened each event came first, in milliseconds. */
function delaysOf({ received }: Receiver): number[] {
  const first = new Map<string, number>();
  for (const { event, atMs } of received)
    if (!first.has(event.id)) first.set(event.id, atMs - Date.parse(event.createdAt));
  return [...first.values()];
}
