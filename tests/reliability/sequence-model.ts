import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { waitUntil } from '../../scripts/stack/wait';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts';
import type { Answer } from '../api/contract';
import { persist, type CrashShop, type Shopper } from './crash-shop';
import type { Command } from './sequence-commands';

/** Kills a process, or doesn't if one was killed a moment ago. */
export type Crash = () => void;

const CARDS = {
  visa: 'pm_card_visa',
  declined: 'pm_card_chargeDeclined',
  error: 'pm_sandbox_error',
} as const;

/**
 * What a booking's customer has been promised so far. Commands that are under way at once may be decided in any order: only what was
 * answered before a command was sent binds its answer.
 */
class Promises {
  readonly captured = new Set<string>();
  readonly declined = new Set<string>();
  /** Why the booking was cancelled, once its customer has been told that it is. */
  cancelledFor: string | undefined;
  /** News of payments that Temporal took: by their ID, the amount. */
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
 * Runs one customer's commands, checks each answer against what was promised, and in the end the books against all of it. Answers how the
 * booking ended.
 */
export async function runSequence(
  shop: CrashShop,
  sequence: Command[][],
  crash: Crash,
): Promise<string> {
  const customer = await shop.shopper();
  const promises = new Promises();
  const created = await customer.create();
  expect({ status: created.status, text: created.text }).toMatchObject({ status: 201 });
  promises.bind('create', 'create', created);
  const booking = created.body;
  for (const step of sequence) {
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
      await cancel(scene);
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
      expect({ card, wasCancelled }).not.toMatchObject({ card: CARDS.declined });
      expect(wasCancelled).toBe(false);
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
  { which, id }: Extract<Command, { do: 'told of a payment' }>,
) {
  const providerPaymentId = `${customer.bookingId}-${which}-${id}`;
  const { currency } = booking.price;
  const amount = booking.price.amount - (which === 'fits' ? 0 : 1);
  const payment = { amount, currency, provider: 'acme', providerPaymentId };
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

async function cancel({ customer, booking, promises }: Scene) {
  const answer = await customer.cancel(booking);
  if (answer.status === 200) {
    expect(answer.body.status).toBe('cancelled');
    promises.cancelledFor = answer.body.cancellationReason ?? '';
    return;
  }
  const { code } = answer.body as { code?: string };
  expect(['payment_in_progress', 'booking_not_cancellable']).toContain(code);
}

async function read({ customer, promises }: Scene) {
  const { captured, cancelledFor } = promises;
  const [wasPaid, wasCancelled] = [captured.size > 0, cancelledFor !== undefined];
  const { status } = await customer.read();
  if (wasPaid) expect(status).toBe('booked');
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
  expect(workflowStatus).toBe(final.status);
  if (captured.size > 0) expect(final.status).toBe('booked');
  if (cancelledFor !== undefined) expect(final.status).toBe('cancelled');
  expect(captured.size).toBeLessThanOrEqual(1);

  const isBooked = final.status === 'booked';
  expect(await customer.seats()).toEqual({
    free: isBooked ? 5 : 6,
    held: 0,
    sold: isBooked ? 1 : 0,
  });
  const charges = await customer.charges();
  expect(charges.filter((status) => status !== 'declined')).toEqual(
    [...captured].map(() => 'captured'),
  );
  await checkNews(shop, customer, news, isBooked && captured.size === 0);
  if (!isBooked) expect(final.cancellationReason).toBe(cancelledFor ?? 'payment_expired');

  const again = await persist(() => customer.create());
  const text = again.text.replace(again.headers.get('x-request-id') ?? '', '');
  expect(`${again.status} ${text}`).toBe(bound.get('create')?.answer);
  return isBooked
    ? captured.size > 0
      ? 'paid'
      : 'paid elsewhere'
    : (final.cancellationReason ?? '');
}

/** Each payment that others took is on record once; one of them pays, if that is what booked; all others are owed back. */
async function checkNews(
  shop: CrashShop,
  { bookingId }: Shopper,
  news: Map<string, number>,
  oneApplied: boolean,
) {
  const rows = await shop
    .db('payments')
    .leftJoin('refunds', 'refunds.payment_id', 'payments.id')
    .where({ booking_id: bookingId, provider: 'acme' })
    .select(
      'payments.provider_payment_id as id',
      'payments.amount as amount',
      'applied',
      'refunds.amount as owed',
    );
  const found = rows as { id: string; amount: number; applied: boolean; owed: number | null }[];
  const recorded = new Map(found.map(({ id, amount }) => [id, amount]));
  expect(recorded).toEqual(news);
  expect(found.filter(({ applied }) => applied)).toHaveLength(oneApplied ? 1 : 0);
  for (const { applied, amount, owed } of found) expect(owed).toBe(applied ? null : amount);
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
