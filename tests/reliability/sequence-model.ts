import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import type { Answer } from '../api/contract';
import type { CrashShop } from './crash-shop';
import type { Command, Sequence } from './sequence-commands';
import { persist, type Shopper } from './shopper';

/** Kills a process, or doesn't if one was killed a moment ago. */
export type Crash = () => void;

const CARDS = {
  visa: 'pm_card_visa',
  declined: 'pm_card_chargeDeclined',
  error: 'pm_sandbox_error',
} as const;

/**
 * What a booking's customer has been promised so far. Commands that are under way at once may be
 * decided in any order: only what was answered before a command was sent binds its answer.
 */
class Promises {
  readonly captured = new Set<string>();
  readonly declined = new Set<string>();
  /** Someone has asked to cancel the booking. */
  isCancelling = false;
  /** Why the booking was cancelled, once someone has been told that it is. */
  cancelledFor: string | undefined;
  /** News of payments that was taken: by their ID, the amount. */
  readonly news = new Map<string, number>();
  /** The first binding answer of each key, and the request that it was for. */
  readonly bound = new Map<string, { request: string; answer: string }>();

  /** Notes a binding answer, or compares it with the first one of its key. */
  bind(key: string, request: string, answer: Answer): void {
    const text = `${answer.status} ${answer.text.replace(answer.headers.get('x-request-id') ?? '', '')}`;
    const first = this.bound.get(key);
    if (first === undefined) this.bound.set(key, { request, answer: text });
    else expect({ request, answer: text }).toEqual(first);
  }
}

/**
 * Runs one customer's commands, checks each answer against what was promised, and in the end the
 * books against all of it. Returns how the booking ended.
 */
export async function runSequence(
  shop: CrashShop,
  { departsInDays, steps }: Sequence,
  crash: Crash,
): Promise<string> {
  const customer = await shop.shopper(departsInDays);
  const promises = new Promises();
  const created = await customer.create();
  expect({ status: created.status, text: created.text }).toMatchObject({ status: 201 });
  promises.bind('create', 'create', created);
  const booking = created.body;
  for (const step of steps) {
    await Promise.all(
      step.map((command) => obey({ shop, customer, booking, promises, crash }, command)),
    );
  }
  return checkEnding(shop, customer, booking, promises);
}

interface Scene {
  shop: CrashShop;
  customer: Shopper;
  booking: Booking;
  promises: Promises;
  crash: Crash;
}

async function obey(scene: Scene, command: Command): Promise<void> {
  const { customer, booking, promises, crash } = scene;
  switch (command.do) {
    case 'create again':
      promises.bind('create', 'create', await customer.create());
      return;
    case 'pay':
      await pay(scene, CARDS[command.with], `${customer.paymentKey}-${command.key}`);
      return;
    case 'told of a payment':
      await tell(scene, command);
      return;
    case 'cancel':
      await cancel(scene, command.as);
      return;
    case 'read':
      await read(scene);
      return;
    case 'wait for the deadline':
      await wait(Date.parse(booking.paymentRequiredBy ?? '') - Date.now());
      return;
    case 'crash':
      crash();
  }
}

async function pay({ customer, booking, promises }: Scene, card: string, key: string) {
  const wasCancelled = promises.cancelledFor !== undefined;
  const paidBefore = [...promises.captured];
  const boundBefore = promises.bound.get(key);
  const answer = await customer.pay(booking, { paymentMethod: card }, key);
  const { code } = answer.body as { code?: string };
  switch (answer.status) {
    case 201:
      expect(card).not.toBe(CARDS.declined);
      // A key that was bound before answers as it did, whatever became of the booking.
      if (boundBefore === undefined) expect(wasCancelled).toBe(false);
      expect(paidBefore.filter((paid) => paid !== key)).toEqual([]);
      promises.bind(key, card, answer);
      promises.captured.add(key);
      return;
    case 402:
      expect(card).toBe(CARDS.declined);
      promises.bind(key, card, answer);
      promises.declined.add(key);
      return;
    case 422:
      // Another card under the same key: the first one has been bound, or is on its way.
      expect(code).toBe('idempotency_key_reused');
      return;
    default:
      // A key that was bound to this very request answers as it did.
      if (boundBefore?.request === card) throw new Error(`A bound key was answered ${answer.text}`);
      expect(['booking_not_payable', 'payment_in_progress']).toContain(code);
  }
}

async function tell(
  { customer, booking, promises }: Scene,
  { by, which, id }: Extract<Command, { do: 'told of a payment' }>,
) {
  const providerPaymentId = `${customer.bookingId}-${which}-${id}`;
  const { currency } = booking.price;
  const amount = booking.price.amount - (which === 'fits' ? 0 : 1);
  const payment = { amount, currency, provider: 'acme', providerPaymentId };
  if (by === 'event') {
    await customer.payExternally(payment);
    promises.news.set(providerPaymentId, amount);
    return;
  }
  const isTaken = await customer.workflow.signal(paymentReceived, payment).then(
    () => true,
    (error: unknown) => {
      // The booking's workflow has ended: its sender has to post the event instead.
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    },
  );
  if (isTaken) promises.news.set(providerPaymentId, amount);
}

async function cancel({ customer, booking, promises }: Scene, as: 'customer' | 'operator') {
  promises.isCancelling = true;
  const answer = await customer.cancel(booking, as);
  if (answer.status === 200) {
    expect(answer.body.status).toBe('cancelled');
    promises.cancelledFor = answer.body.cancellationReason ?? '';
    return;
  }
  expect(answer.body).toMatchObject({ code: 'payment_in_progress' });
}

async function read({ customer, promises }: Scene) {
  const { captured, cancelledFor } = promises;
  const [wasPaid, wasCancelled] = [captured.size > 0, cancelledFor !== undefined];
  const { status } = await customer.read();
  if (wasPaid && !promises.isCancelling) expect(status).toBe('booked');
  if (wasCancelled) expect(status).toBe('cancelled');
}

const SETTLES_WITHIN_MS = 60_000;

/** Holds the end of a booking, and all money that ever came for it, against what was promised. */
async function checkEnding(
  shop: CrashShop,
  customer: Shopper,
  booking: Booking,
  { captured, cancelledFor, news, bound }: Promises,
): Promise<string> {
  await waitUntil(async () => (await customer.read()).status !== 'pending', {
    timeoutMs: SETTLES_WITHIN_MS,
    intervalMs: 300,
    onTimeout: () => new Error(`Booking ${booking.id} never ends`),
  });
  const workflowStatus = await persistently(() => shop.settled(customer));
  const final = await customer.read();
  const isBooked = final.status === 'booked';
  const paid = await paidFor(shop, customer);
  expect(workflowStatus).toBe(final.status);
  if (captured.size > 0) expect(paid?.provider).toBe('sandbox');
  if (cancelledFor !== undefined) expect(final.status).toBe('cancelled');
  if (isBooked) expect(paid).toBeDefined();

  expect(await customer.seats()).toEqual({
    free: isBooked ? 5 : 6,
    held: 0,
    sold: isBooked ? 1 : 0,
  });
  const charges = await customer.charges();
  expect(charges.filter((status) => status !== 'declined')).toEqual(
    paid?.provider === 'sandbox' ? ['captured'] : [],
  );
  await checkNews(shop, customer, news);
  if (!isBooked) {
    expect(final.cancellationReason).toBe(cancelledFor ?? 'payment_expired');
    if (paid !== undefined) await checkRefund(shop, customer, final);
  }

  const again = await persist(() => customer.create());
  const text = again.text.replace(again.headers.get('x-request-id') ?? '', '');
  expect(`${again.status} ${text}`).toBe(bound.get('create')?.answer);
  const how = paid?.provider === 'sandbox' ? 'paid' : 'paid elsewhere';
  if (isBooked) return how;
  return paid === undefined
    ? (final.cancellationReason ?? '')
    : `${how}, then ${final.cancellationReason ?? ''}`;
}

/** The money that the booking was booked with, if it was. */
async function paidFor(shop: CrashShop, { bookingId }: Shopper) {
  return shop.db('payments').where({ booking_id: bookingId, applied: true }).first();
}

/** What one adult's fare keeps of a cancellation that isn't free. */
const FEE = 5_000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * What was paid goes back by the rules: all of it, when an operator cancels or it was booked a week
 * or more ahead; else less the fee.
 */
async function checkRefund(shop: CrashShop, customer: Shopper, final: Booking): Promise<void> {
  const aheadMs = Date.parse(final.flight.departureAt) - Date.parse(final.createdAt);
  const isFree = final.cancellationReason === 'operator_request' || aheadMs >= WEEK_MS;
  const amount = final.price.amount - (isFree ? 0 : FEE);
  const isOurs = (await paidFor(shop, customer))?.provider === 'sandbox';
  const refund = { amount, status: isOurs ? 'succeeded' : 'needs_operator' };
  await waitUntil(async () => (await customer.read()).refund?.status === refund.status, {
    timeoutMs: SETTLES_WITHIN_MS,
    intervalMs: 300,
    onTimeout: () => new Error(`The refund of ${final.id} never becomes ${refund.status}`),
  });
  expect(await customer.refunds()).toEqual(isOurs ? [amount] : []);
}

interface ExternalRecord {
  id: string;
  amount: number;
  applied: boolean;
  owed: number | null;
}

/** Each payment that others took is on record once; whatever did not book is owed back. */
async function checkNews(
  shop: CrashShop,
  { bookingId }: Shopper,
  news: Map<string, number>,
): Promise<void> {
  const recorded = async (): Promise<ExternalRecord[]> =>
    shop
      .db('payments')
      .leftJoin('refunds', 'refunds.payment_id', 'payments.id')
      .where({ booking_id: bookingId, provider: 'acme' })
      .select<ExternalRecord[]>(
        'payments.provider_payment_id as id',
        'payments.amount as amount',
        'applied',
        'refunds.amount as owed',
      );
  // Money that came when the booking's workflow had ended is recorded by one of its own.
  await waitUntil(async () => (await recorded()).length === news.size, {
    timeoutMs: SETTLES_WITHIN_MS,
    intervalMs: 300,
    onTimeout: () => new Error(`Not all news of booking ${bookingId} is on record`),
  });
  const found = await recorded();
  expect(new Map(found.map(({ id, amount }) => [id, amount]))).toEqual(news);
  for (const { applied, amount, owed } of found) if (!applied) expect(owed).toBe(amount);
}

/** Temporal is asked again when the worker that was to answer has been killed. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 5) throw error;
      await wait(1_000);
    }
  }
}
