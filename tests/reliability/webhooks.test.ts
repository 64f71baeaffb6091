import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Booking } from '../../src/domain/booking';
import { mailKindOf } from '../../src/domain/mail';
import type { OutgoingEventType } from '../../src/domain/outgoing-event';
import type { WebhookEndpoint } from '../../src/domain/webhooks/endpoint';
import { messageIdOf } from '../../src/notifications/mail/message-id';
import { SENDER } from '../support/mail-samples';
import { openMailbox, type TestMailServer } from '../support/mail-server';
import { untilSeen } from '../support/shop';
import { openReceiver, verify, type Answering, type Receiver } from '../support/webhook-receiver';
import type { CrashShop } from './crash-shop';
import { persist, type Shopper } from './shopper';
import { openForAllTests } from './whole-file';

/**
 * A shop with ten endpoints, of which one is slow, one dead, one fails at random and one redirects,
 * while worker and PostgreSQL are killed: the healthy ones hear of everything, and of nothing else.
 */
jest.setTimeout(2_400_000);

/** Fewer where people wait for the tests; a run by hand makes as many as are promised. */
const BOOKINGS = Number(process.env.WEBHOOK_BOOKINGS ?? 40);

/** Then the dead endpoint comes back, and figures are shown. */
const IS_WHOLE = BOOKINGS >= 1_000;
const DEAD_FOR_MS = 600_000;

/** Mails that a worker may have under way when it is killed, which are then sent again. */
const MAIL_LANES = 5;
const KILLED = ['worker', 'worker', 'postgres'] as const;

const AT_ONCE = 8;
const SLOW_MS = 2_000;
const PAYMENT_WINDOW_SECONDS = 3_600;

/** A killed part takes some seconds to come back; what was to be sent then waits for it. */
const P99_MS = 30_000;

let shop: CrashShop;
let mailbox: TestMailServer;
const receivers: Receiver[] = [];

beforeAll(async () => {
  mailbox = await openMailbox();
});
openForAllTests(
  PAYMENT_WINDOW_SECONDS,
  (opened) => {
    shop = opened;
  },
  () => ({ SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`, MAIL_FROM: SENDER.address }),
);
afterAll(() => Promise.all([mailbox, ...receivers].map((one) => one.close())));

interface Hook {
  receiver: Receiver;
  endpoint: WebhookEndpoint & { secret: string };
}

interface Happened {
  id: string;
  booking_id: string;
  sequence: number;
  type: OutgoingEventType;
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
  const diedAt = Date.now();
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
      const killed = KILLED.find(
        (_, nth) => mine === Math.ceil(((nth + 1) * BOOKINGS) / (KILLED.length + 1)),
      );
      if (killed !== undefined) shop.kill(killed);
      const { status, body } = await shopper.create({
        contact: { email: `passenger-${mine}@example.com` },
      });
      expect(status).toBe(201);
      if (mine % 5 === 0)
        await shopper.pay(body, { paymentMethod: 'pm_card_chargeDeclined' }, randomUUID());
      // Where a worker was killed, the workflow may hear of the decline later than its customer.
      const paid = await persist(
        () => shopper.pay(body),
        ({ text }) => !text.includes('payment_in_progress'),
      );
      expect(paid).toMatchObject({ status: 201 });
      if (mine % 4 === 0) await cancelInTheEnd(shopper, body);
    }
  };
  const beganAt = Date.now();
  await Promise.all(Array.from({ length: AT_ONCE }, customer));
  const tookMs = Date.now() - beganAt;

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

  const mailed = happened
    .filter(({ type }) => mailKindOf(type) !== undefined)
    .map(({ id }) => messageIdOf(id, SENDER));
  const mails = () => mailbox.mails.map(({ email }) => email.messageId);
  await untilSeen(() => Promise.resolve(new Set(mails()).size >= mailed.length || undefined));
  expect([...new Set(mails())].sort()).toEqual([...mailed].sort());
  // Twice only what a crash left without our record.
  const twice = mails().length - mailed.length;
  expect(twice).toBeLessThanOrEqual(KILLED.length * MAIL_LANES);

  if (IS_WHOLE) {
    await wait(Math.max(0, diedAt + DEAD_FOR_MS - Date.now()));
    const revived = await openReceiver(undefined, dead.receiver.port);
    receivers.push(revived);
    dead.receiver = revived;
    await untilSeen(() => Promise.resolve(revived.received.length > 0 || undefined));
  } else expect(idsAt(dead)).toEqual([]);

  // Of what the slow one and the dead one are still to get, nothing is lost.
  for (const one of [late, dead]) {
    const owed = await shop
      .db('webhook_deliveries')
      .where({ endpoint_id: one.endpoint.id, status: 'pending' })
      .pluck<string[]>('event_id');
    expect([...new Set([...idsAt(one), ...owed])].sort()).toEqual(ids);
  }
  expect(idsAt(late).length).toBeGreaterThan(0);

  const delays = healthy.flatMap(({ receiver }) => delaysOf(receiver)).sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((part) => delays[Math.floor(part * delays.length)] ?? 0);
  if (IS_WHOLE) {
    const figures = { bookings: BOOKINGS, tookMs, events: ids.length, p50, p99 };
    const others = {
      slow: idsAt(late).length,
      dead: idsAt(dead).length,
      failing: idsAt(failing).length,
    };
    process.stdout.write(
      `${JSON.stringify({ ...figures, ...others, mails: mailed.length, twice })}\n`,
    );
  }
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
