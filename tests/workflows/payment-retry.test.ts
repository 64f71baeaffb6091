import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../src/cli/wait';
import { auditBooks } from '../../src/db/audit/auditor';
import { retryPayment, type BookingState } from '../../src/temporal/contracts/booking';
import { refusalOf, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';
import { PATIENCE_MS } from '../support/patience';

/**
 * An operator who knows that the provider is back need not wait until it is asked again by itself.
 */

const shop = shopOfSuite(devServerEnvironment);

afterEach(async () => {
  shop.provider.repair();
  shop.provider.setBank('lets_through');
  expect(await auditBooks(shop.db)).toEqual([]);
});

const RETRY = { requestedBy: 'op-7', note: 'The provider is back.' };

const retry = (sale: Sale, updateId: string = randomUUID()): Promise<BookingState> =>
  sale.handle.executeUpdate(retryPayment, { args: [RETRY], updateId });

/** What a booking's history says of retries. */
const retriesOf = ({ request: { bookingId } }: Sale) =>
  shop
    .db('booking_events')
    .where({ booking_id: bookingId, type: 'payment_retried' })
    .select('actor', 'note');

/** How the charges of a booking stand at the provider. */
const chargesOf = ({ request: { bookingId } }: Sale) =>
  shop
    .db('sandbox_provider.payment_intents')
    .where({ booking_id: bookingId })
    .pluck<string[]>('status');

const eventsOf = async ({ handle }: Sale) => (await handle.fetchHistory()).events ?? [];

/**
 * Waits until the step that asks the provider waits for its turn, after so many tries; answers when
 * that comes.
 */
async function nextTryAt({ handle }: Sale, tries: number): Promise<Date> {
  let dueAt = new Date(0);
  const isWaiting = async () => {
    const { raw } = await handle.describe();
    const step = raw.pendingActivities?.find(({ attempt }) => (attempt ?? 0) > tries);
    dueAt = new Date(Number(step?.nextAttemptScheduleTime?.seconds ?? 0) * 1000);
    return dueAt > new Date();
  };
  const onTimeout = () => new Error('No try ever waits for its turn');
  await waitUntil(isWaiting, { timeoutMs: PATIENCE_MS, onTimeout });
  return dueAt;
}

/** A payment that the provider has not heard of for a few times; the next try is seconds away. */
async function waiting(): Promise<{ sale: Sale; paying: Promise<unknown>; dueAt: Date }> {
  shop.provider.lose('requests', 'authorize');
  const sale = await shop.hold();
  const paying = sale.pay();
  return { sale, paying, dueAt: await nextTryAt(sale, 5) };
}

/** Waits until a retry has been handled. */
async function untilCalledOff(sale: Sale): Promise<void> {
  const isCalledOff = async () =>
    (await eventsOf(sale)).some((event) => event.activityTaskCancelRequestedEventAttributes);
  const onTimeout = () => new Error('The step was never called off');
  await waitUntil(isCalledOff, { timeoutMs: PATIENCE_MS, onTimeout });
}

test('a provider that is back is asked at once, not when its turn comes; who and why are on record', async () => {
  const { sale, paying, dueAt } = await waiting();
  shop.provider.repair();
  expect(await retry(sale)).toMatchObject({ status: 'pending', activity: 'paying' });
  expect(await paying).toMatchObject({ outcome: 'captured' });
  await untilCalledOff(sale);
  const [booked] = await shop
    .db('booking_events')
    .where({ booking_id: sale.request.bookingId, type: 'booked' });
  expect(dueAt.getTime() - (booked?.occurred_at.getTime() ?? NaN)).toBeGreaterThan(500);
  await sale.settled();
  expect(await retriesOf(sale)).toEqual([{ actor: 'op-7', note: RETRY.note }]);
  expect(await chargesOf(sale)).toEqual(['captured']);
  expect(await sale.seats()).toMatchObject({ sold: 1 });
});

test('a message that comes twice is one retry; retries one after another charge once', async () => {
  const { sale, paying } = await waiting();
  const updateId = randomUUID();
  const [first, again] = await Promise.all([retry(sale, updateId), retry(sale, updateId)]);
  expect(again).toEqual(first);
  await retry(sale);
  await retry(sale);
  shop.provider.repair();
  await retry(sale).catch(() => undefined);
  expect(await paying).toMatchObject({ outcome: 'captured' });
  await sale.settled();
  const retries = await retriesOf(sale);
  expect(retries.length).toBeGreaterThanOrEqual(3);
  expect(retries.length).toBeLessThanOrEqual(4);
  expect(await chargesOf(sale)).toEqual(['captured']);
  expect(await sale.payments()).toHaveLength(1);
});

/** Has the provider's responses lost, and its first call run until it is let in. */
async function firstTry(sale: Sale) {
  shop.provider.lose('answers', 'authorize');
  const running = shop.provider.pause('authorize');
  const paying = sale.pay();
  await running.reached;
  return { running, paying };
}

/** The same with one of the calls that follow. */
async function laterTry(sale: Sale) {
  shop.provider.lose('answers', 'authorize');
  const paying = sale.pay();
  await nextTryAt(sale, 2);
  const running = shop.provider.pause('authorize');
  await running.reached;
  return { running, paying };
}

test.each([
  ['the first try', firstTry, () => Promise.resolve()],
  ['a later try', laterTry, untilCalledOff],
])('%s, when it runs, is seen through before the next one begins', async (_, start, handled) => {
  const sale = await shop.hold();
  const { running, paying } = await start(sale);
  const next = shop.provider.pause('authorize');
  let isNextThere = false;
  void next.reached.then(() => (isNextThere = true));
  await retry(sale);
  await handled(sale);
  expect(isNextThere).toBe(false);
  running.letIn();
  await next.reached;
  shop.provider.repair();
  next.letIn();
  expect(await paying).toMatchObject({ outcome: 'captured' });
  expect(await chargesOf(sale)).toEqual(['captured']);
});

test('a try that runs and is answered needs no other', async () => {
  const running = shop.provider.pause('capture');
  const sale = await shop.hold();
  const paying = sale.pay();
  await running.reached;
  await retry(sale);
  running.letIn();
  expect(await paying).toMatchObject({ outcome: 'captured' });
  await sale.settled();
  const steps = (await eventsOf(sale)).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
  expect(steps).toEqual(['payByCard', 'notePaymentRetry']);
});

test('a customer who has agreed, and whose event was lost, need not wait for the minute to pass', async () => {
  shop.provider.setBank('asks_the_customer');
  const sale = await shop.hold();
  expect(await sale.pay()).toMatchObject({ outcome: 'action_required' });
  shop.provider.setBank('lets_through');
  const before = Date.now();
  await retry(sale);
  await sale.settled();
  expect(Date.now() - before).toBeLessThan(30_000);
  expect(await sale.row()).toMatchObject({ status: 'booked' });
});

test('a decline is a decline, however often the provider is asked', async () => {
  shop.provider.lose('answers', 'authorize');
  const sale = await shop.hold();
  const paying = sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  await nextTryAt(sale, 3);
  shop.provider.repair();
  await retry(sale);
  expect(await paying).toMatchObject({ outcome: 'declined' });
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_payment', declinedPayments: 1 });
  await sale.cancel();
});

test('while nobody pays, and once the booking is settled, it is refused and leaves no trace', async () => {
  const sale = await shop.hold();
  expect(await refusalOf(retry(sale))).toBe('validation_failed');
  await sale.cancel();
  await sale.ended();
  await expect(retry(sale)).rejects.toThrow();
  expect(await retriesOf(sale)).toEqual([]);
});
