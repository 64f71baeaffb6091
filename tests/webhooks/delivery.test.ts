import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { appendEvent } from '../../src/db/bookings/events';
import type { Booking } from '../../src/domain/booking';
import { SYSTEM } from '../../src/domain/booking-event';
import type { Delivery } from '../../src/domain/webhooks/delivery';
import type { WebhookEndpoint } from '../../src/domain/webhooks/endpoint';
import { webhookEndpointWorkflowId } from '../../src/temporal/contracts/webhook';
import type { Client, Page } from '../api/client';
import { expectFits } from '../api/contract';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS, untilSeen } from '../support/shop';
import { openReceiver, verify, type Answering, type Receiver } from '../support/webhook-receiver';
import { startWebhooks } from '../support/webhooks';

/** What happens to a booking reaches the shop that made it, whatever its receiver does. */

let store: Storefront;
let webhooks: Awaited<ReturnType<typeof startWebhooks>>;
const receivers: Receiver[] = [];

beforeAll(async () => {
  store = await openStorefront();
  webhooks = await startWebhooks(store.env, store.dbOf('worker'));
}, STARTING_MS);
afterAll(async () => {
  await webhooks.stop();
  await Promise.all(receivers.map((one) => one.close()));
  await store.close();
});

interface ShopWithHook {
  shop: Client;
  receiver: Receiver;
  endpoint: WebhookEndpoint & { secret: string };
  /** All of the endpoint's deliveries, the oldest first. */
  deliveries: () => Promise<Delivery[]>;
}

const ALL = '/api/v1/webhook-endpoints';

/** A shop with a receiver of its own, and one endpoint there. */
async function shopWithHook(answering?: Answering, details: object = {}): Promise<ShopWithHook> {
  const receiver = await openReceiver(answering);
  receivers.push(receiver);
  const shop = await store.customer(`shop-${randomUUID()}`);
  const { body: endpoint } = await shop.post<ShopWithHook['endpoint']>(ALL, {
    url: receiver.url,
    ...details,
  });
  const deliveries = async () => {
    const path = `${ALL}/${endpoint.id}/deliveries?limit=100`;
    const { body } = await shop.get<Page<Delivery>>(path);
    return body.data.reverse();
  };
  return { shop, receiver, endpoint, deliveries };
}

async function held(shop: Client): Promise<Booking> {
  const { status, body } = await shop.create(await store.flight());
  expect(status).toBe(201);
  return body;
}

/** Waits until a receiver has so many events of a booking; returns them by sequence. */
async function eventsOf({ receiver }: { receiver: Receiver }, { id }: Booking, count: number) {
  return untilSeen(() => {
    const events = receiver.eventsOf(id);
    return Promise.resolve(events.length >= count ? events : undefined);
  });
}

const isOver = ({ status }: Delivery) => status !== 'pending';

const bySequence = (deliveries: Delivery[]) =>
  [...deliveries].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));

/** Waits until a condition of the endpoint's deliveries holds; returns them. */
async function untilDeliveries(
  { deliveries }: ShopWithHook,
  isSo: (deliveries: Delivery[]) => boolean,
): Promise<Delivery[]> {
  return untilSeen(async () => {
    const found = await deliveries();
    return isSo(found) ? found : undefined;
  });
}

/**
 * Waits for the workflow of an endpoint with failed deliveries: it starts after the first of them is
 * recorded.
 */
async function untilWorkflow({ endpoint }: ShopWithHook): Promise<WorkflowHandle> {
  const handle = store.env.client.workflow.getHandle(webhookEndpointWorkflowId(endpoint.id));
  await untilSeen(() =>
    handle.describe().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }),
  );
  return handle;
}

describe('a booking', () => {
  test('is followed from its hold to its refund, as the REST API shows it, in signed events', async () => {
    const hook = await shopWithHook();
    const booking = await held(hook.shop);
    await eventsOf(hook, booking, 1);
    await hook.shop.pay(booking, { paymentMethod: 'pm_card_chargeDeclined' });
    await eventsOf(hook, booking, 2);
    await hook.shop.pay(booking);
    await eventsOf(hook, booking, 3);
    const [pending, declined, booked] = hook.receiver.eventsOf(booking.id);
    expect(booked!.data.booking).toEqual((await hook.shop.read(booking.id)).body);
    await hook.shop.cancel(booking);
    const events = await eventsOf(hook, booking, 5);

    expect(events.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, 'booking.pending'],
      [2, 'payment.declined'],
      [3, 'booking.booked'],
      [4, 'booking.cancelled'],
      [5, 'refund.succeeded'],
    ]);
    expect(pending!.data.booking).toEqual(booking);
    expect(declined!.data.booking).toMatchObject({ payment: { status: 'declined' } });
    for (const received of hook.receiver.received) {
      verify(received, hook.endpoint.secret);
      expectFits(['components', 'schemas', 'WebhookEvent'], received.event);
      expect(received.headers['webhook-id']).toBe(received.event.id);
    }
    const deliveries = await untilDeliveries(hook, (all) => all.every(isOver));
    expect(bySequence(deliveries)).toMatchObject(
      events.map(({ id, type, sequence }) => ({
        eventId: id,
        type,
        sequence,
        bookingId: booking.id,
        attempt: 1,
        status: 'succeeded',
        responseStatus: 204,
        error: null,
      })),
    );
  });

  test('of another shop is heard of by that one alone', async () => {
    const [one, other] = [await shopWithHook(), await shopWithHook()];
    const booking = await held(one.shop);
    const others = await held(other.shop);
    await eventsOf(one, booking, 1);
    await eventsOf(other, others, 1);
    expect(one.receiver.eventsOf(others.id)).toEqual([]);
    expect(other.receiver.eventsOf(booking.id)).toEqual([]);
  });

  test('is sent to each endpoint of its shop, of the types that it asked for', async () => {
    const hook = await shopWithHook();
    const onlyBooked = await openReceiver();
    receivers.push(onlyBooked);
    await hook.shop.post(ALL, { url: onlyBooked.url, events: ['booking.booked'] });
    const booking = await held(hook.shop);
    await hook.shop.pay(booking);
    await eventsOf(hook, booking, 2);
    const [booked] = await eventsOf({ receiver: onlyBooked }, booking, 1);
    expect(booked).toMatchObject({ type: 'booking.booked', sequence: 2 });
    expect(onlyBooked.received).toHaveLength(1);
  });

  test('that was rolled back is heard of by nobody', async () => {
    const hook = await shopWithHook();
    const booking = await held(hook.shop);
    const failing = store.db.transaction(async (trx) => {
      await appendEvent(trx, { bookingId: booking.id, type: 'booked', actor: SYSTEM });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await hook.shop.cancel(booking);
    const events = await eventsOf(hook, booking, 2);
    expect(events.map(({ type }) => type)).toEqual(['booking.pending', 'booking.cancelled']);
  });
});

describe('a receiver', () => {
  test('that fails gets the event again after five seconds, under the same ID', async () => {
    let failures = 0;
    const hook = await shopWithHook((_req, res) => {
      failures += 1;
      res.writeHead(failures === 1 ? 500 : 204).end();
    });
    await held(hook.shop);
    const [first, second] = await untilDeliveries(hook, (all) => all.at(1)?.status === 'succeeded');
    expect(first).toMatchObject({ status: 'retrying', responseStatus: 500, error: 'http_status' });
    expect(second).toMatchObject({ attempt: 2, eventId: first!.eventId });
    const [one, two] = hook.receiver.received;
    expect(two!.event.id).toBe(one!.event.id);
    expect(two!.atMs - one!.atMs).toBeGreaterThanOrEqual(4_900);
    // Noted after the delivery.
    await untilSeen(async () => {
      const { body } = await hook.shop.get<WebhookEndpoint>(`${ALL}/${hook.endpoint.id}`);
      return body.failingSince === null ? body : undefined;
    });
  });

  test('gets at most five at once', async () => {
    const waiting: (() => void)[] = [];
    const hook = await shopWithHook((_req, res) => {
      waiting.push(() => res.writeHead(204).end());
    });
    for (let count = 0; count < 8; count += 1)
      await hook.shop.post(`${ALL}/${hook.endpoint.id}/ping`, undefined);
    await untilSeen(() => Promise.resolve(waiting.length === 5 || undefined));
    hook.receiver.answerWith((_req, res) => res.writeHead(204).end());
    for (const answer of waiting) answer();
    await untilDeliveries(hook, (all) => all.every(({ status }) => status === 'succeeded'));
    expect(hook.receiver.received).toHaveLength(8);
    expect(hook.receiver.mostAtOnce()).toBe(5);
  });

  test('gets at most five at once of a burst, and all of it', async () => {
    const waiting: (() => void)[] = [];
    const hook = await shopWithHook((_req, res) => {
      waiting.push(() => res.writeHead(204).end());
    });
    const bookings = await Promise.all(Array.from({ length: 9 }, () => held(hook.shop)));
    await untilSeen(() => Promise.resolve(waiting.length === 5 || undefined));
    // Time enough for others to send more, if they would.
    await wait(1_500);
    hook.receiver.answerWith((_req, res) => res.writeHead(204).end());
    for (const answer of waiting) answer();
    for (const booking of bookings) await eventsOf(hook, booking, 1);
    await untilDeliveries(hook, (all) => all.every(({ status }) => status === 'succeeded'));
    expect(hook.receiver.mostAtOnce()).toBe(5);
  });

  test.each<[string, (hook: ShopWithHook) => Promise<{ status: number }>]>([
    ['it is deleted', ({ shop, endpoint }) => shop.send('DELETE', `${ALL}/${endpoint.id}`)],
    [
      'it is disabled',
      ({ shop, endpoint }) =>
        shop.send('PATCH', `${ALL}/${endpoint.id}`, { body: { status: 'disabled' } }),
    ],
    [
      'it has another address',
      async ({ shop, endpoint }) => {
        const next = await openReceiver();
        receivers.push(next);
        return shop.send('PATCH', `${ALL}/${endpoint.id}`, { body: { url: next.url } });
      },
    ],
  ])('gets nothing more of a burst from when %s', async (_, change) => {
    const waiting: (() => void)[] = [];
    const hook = await shopWithHook((_req, res) => {
      waiting.push(() => res.writeHead(204).end());
    });
    await Promise.all(Array.from({ length: 9 }, () => held(hook.shop)));
    await untilSeen(() => Promise.resolve(waiting.length === 5 || undefined));
    // Time enough for those that are left to be handed over.
    await wait(1_500);
    expect([200, 204]).toContain((await change(hook)).status);
    for (const answer of waiting) answer();
    await untilSeen(async () => {
      const pending = { endpoint_id: hook.endpoint.id, status: 'pending' };
      return (
        (await store.db('webhook_deliveries').where(pending).first()) === undefined || undefined
      );
    });
    await wait(500);
    expect(hook.receiver.received).toHaveLength(5);
  });

  test('that never answers delays nobody else', async () => {
    const silent = await shopWithHook(() => undefined);
    await held(silent.shop);
    await untilSeen(() => Promise.resolve(silent.receiver.received[0]));
    const hook = await shopWithHook();
    const booking = await held(hook.shop);
    const [event] = await eventsOf(hook, booking, 1);
    const received = hook.receiver.received.find((one) => one.event.id === event!.id)!;
    expect(received.atMs - Date.parse(event!.createdAt)).toBeLessThan(2_500);
    expect(await silent.deliveries()).toMatchObject([{ status: 'pending' }]);
    const [attempt] = await untilDeliveries(silent, (all) => all[0]?.status === 'retrying');
    expect(attempt).toMatchObject({ error: 'timeout', responseStatus: null });
  });

  test('that answers with what is no status of HTTP has failed as any other', async () => {
    const hook = await shopWithHook((req) => req.socket.end('HTTP/1.1 000 Nothing\r\n\r\n'));
    await held(hook.shop);
    const [attempt] = await untilDeliveries(hook, (all) => all[0]?.status === 'retrying');
    expect(attempt).toMatchObject({ error: 'connection_failed', responseStatus: null });
  });

  test('that has failed for 72 hours is disabled, and its owner sees it', async () => {
    const hook = await shopWithHook((_req, res) => res.writeHead(503).end());
    await held(hook.shop);
    await untilDeliveries(hook, (all) => all[0]?.status === 'retrying');
    // Three days later: everything failed since.
    const threeDaysAgo = new Date(Date.now() - 72 * 60 * 60 * 1000);
    await store
      .db('webhook_endpoints')
      .where({ id: hook.endpoint.id })
      .update({ failing_since: threeDaysAgo });
    await store
      .db('webhook_deliveries')
      .where({ endpoint_id: hook.endpoint.id, status: 'pending' })
      .update({ first_due_at: threeDaysAgo });
    const path = `${ALL}/${hook.endpoint.id}`;
    const { body } = await untilSeen(async () => {
      const answer = await hook.shop.get<WebhookEndpoint>(path);
      return answer.body.status === 'disabled' ? answer : undefined;
    });
    expect(body).toMatchObject({ disabledBecause: 'failing', failingSince: expect.any(String) });
    const last = (await hook.deliveries()).at(-1);
    expect(last).toMatchObject({ status: 'failed', error: 'http_status' });
    expect(webhooks.attempts.some(({ isDisabled }) => isDisabled)).toBe(true);
    const booking = await held(hook.shop);
    await hook.shop.send('PATCH', path, { body: { status: 'enabled' } });
    hook.receiver.answerWith((_req, res) => res.writeHead(204).end());
    await hook.shop.cancel(booking);
    // What happened while it was disabled stays unsaid, and leaves no gap.
    const [event] = await eventsOf(hook, booking, 1);
    expect(event).toMatchObject({ type: 'booking.cancelled', sequence: 1 });
  });
});

describe('an owner', () => {
  test('pings an endpoint, and sees what became of it', async () => {
    const hook = await shopWithHook((_req, res) => res.writeHead(418).end('I am a teapot'));
    await hook.shop.post(`${ALL}/${hook.endpoint.id}/ping`, undefined);
    const [ping] = await untilDeliveries(hook, (all) => all[0]?.status === 'failed');
    expect(ping).toMatchObject({ type: 'ping', responseStatus: 418, error: 'http_status' });
    expect(JSON.stringify(ping)).not.toContain('teapot');
    expect(hook.receiver.received[0]!.event).toEqual({
      id: ping!.id,
      type: 'ping',
      createdAt: expect.any(String),
      sequence: null,
      data: { booking: null },
    });
  });

  test('has an event sent again, with the booking as it is now', async () => {
    const hook = await shopWithHook();
    const booking = await held(hook.shop);
    await eventsOf(hook, booking, 1);
    const [first] = await untilDeliveries(hook, (all) => all[0]?.status === 'succeeded');
    await hook.shop.pay(booking);
    await eventsOf(hook, booking, 2);
    const path = `${ALL}/${hook.endpoint.id}/deliveries/${first!.id}/redeliver`;
    await hook.shop.post(path, undefined);
    const again = await untilSeen(() => Promise.resolve(hook.receiver.received[2]));
    expect(again.event).toMatchObject({
      id: first!.eventId,
      type: 'booking.pending',
      sequence: 1,
      data: { booking: { status: 'booked' } },
    });
  });

  test('replaces the secret, and both sign what is sent', async () => {
    const hook = await shopWithHook();
    const { body } = await hook.shop.post<{ secret: string }>(
      `${ALL}/${hook.endpoint.id}/rotate-secret`,
      undefined,
    );
    await held(hook.shop);
    const received = await untilSeen(() => Promise.resolve(hook.receiver.received[0]));
    for (const secret of [hook.endpoint.secret, body.secret]) verify(received, secret);
  });

  test('deletes an endpoint: nothing more is sent to it', async () => {
    const hook = await shopWithHook();
    await hook.shop.send('DELETE', `${ALL}/${hook.endpoint.id}`);
    await held(hook.shop);
    const witness = await shopWithHook();
    const booking = await held(witness.shop);
    await eventsOf(witness, booking, 1);
    expect(hook.receiver.received).toEqual([]);
  });
});

describe('the workflows', () => {
  test('of an endpoint that works is not needed', async () => {
    const hook = await shopWithHook();
    const booking = await held(hook.shop);
    await hook.shop.pay(booking);
    await eventsOf(hook, booking, 2);
    await untilDeliveries(hook, (all) => all.every(isOver));
    const { client } = store.env;
    const handle = client.workflow.getHandle(webhookEndpointWorkflowId(hook.endpoint.id));
    await expect(handle.describe()).rejects.toThrow(WorkflowNotFoundError);
  });

  test('of an endpoint that failed ends when nothing is left', async () => {
    const hook = await shopWithHook((_req, res) => res.writeHead(500).end());
    await held(hook.shop);
    await untilDeliveries(hook, (all) => all[0]?.status === 'retrying');
    hook.receiver.answerWith((_req, res) => res.writeHead(204).end());
    const handle = await untilWorkflow(hook);
    expect(await handle.result()).toBeUndefined();
    expect((await hook.deliveries()).map(({ status }) => status)).toEqual([
      'retrying',
      'succeeded',
    ]);
  });

  test('one that somebody terminated is announced again, and the event arrives', async () => {
    const hook = await shopWithHook((_req, res) => res.writeHead(500).end());
    await held(hook.shop);
    await untilDeliveries(hook, (all) => all[0]?.status === 'retrying');
    await (await untilWorkflow(hook)).terminate();
    hook.receiver.answerWith((_req, res) => res.writeHead(204).end());
    await hook.shop.post(`${ALL}/${hook.endpoint.id}/ping`, undefined);
    await untilDeliveries(hook, (all) =>
      all.some(({ type, status }) => type === 'booking.pending' && status === 'succeeded'),
    );
  });
});
