import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { audit } from '../../src/activities/audit';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { newKey, type Client } from '../api/client';
import { PAYMENT_EVENTS, paymentEvent, signed } from '../api/signed-events';
import { openStorefront, type Storefront } from '../support/api';
import { seatsByState, type FlightOnSale } from '../support/flights';
import { STARTING_MS } from '../support/shop';
import { persist } from './shopper';
import { PATIENCE_MS } from '../support/patience';

/** Long enough for a few hundred customers to be served first, short enough to be waited for. */
const PAYMENT_WINDOW_SECONDS = 10;

let unhurried: Storefront;
let hurried: Storefront;

beforeAll(async () => {
  unhurried = await openStorefront();
  hurried = await openStorefront({ paymentWindowSeconds: PAYMENT_WINDOW_SECONDS });
}, 2 * STARTING_MS);

afterAll(async () => {
  await unhurried.close();
  await hurried.close();
}, STARTING_MS);

/** How often each value occurs. */
function tally(values: (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/**
 * Asks for seats until there is a definite answer: a crowd may have to wait longer for it than one
 * request does.
 */
function create(customer: Client, flight: FlightOnSale, details = {}, key = newKey()) {
  return persist(() => customer.create(flight, details, key));
}

/** Pays until there is a definite answer. */
function pay(customer: Client, booking: Booking, key = newKey()) {
  return persist(() => customer.pay(booking, {}, key));
}

function capturesOf(shop: Storefront, bookingId: string) {
  return shop.db
    .withSchema('sandbox_provider')
    .from('payment_intents as i')
    .joinRaw('JOIN public.payments p ON p.id::text = i.idempotency_key')
    .where({ 'i.status': 'captured', 'p.booking_id': bookingId })
    .select('i.id');
}

test('200 creates at once with one key make one booking, one hold, and 200 equal answers', async () => {
  const flight = await unhurried.flight({ seats: 12 });
  const customer = await unhurried.customer();
  const key = newKey();
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => create(customer, flight, {}, key)),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 200 });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await customer.list()).body.data).toHaveLength(1);
  expect(await seatsByState(unhurried.db, flight.id)).toEqual({ free: 11, held: 1, sold: 0 });
});

test('of 200 customers for the last 10 seats, 10 get one each and 190 hear that there are none', async () => {
  const flight = await unhurried.flight({ seats: 10 });
  const customers = await Promise.all(Array.from({ length: 200 }, () => unhurried.customer()));
  const answers = await Promise.all(customers.map((customer) => create(customer, flight)));
  expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 10, 409: 190 });
  const seats = answers.flatMap(({ status, body }) =>
    status === 201 ? body.passengers.map(({ seatNumber }) => seatNumber) : [],
  );
  expect(new Set(seats).size).toBe(10);
  expect(await seatsByState(unhurried.db, flight.id)).toEqual({ free: 0, held: 10, sold: 0 });
});

test('parties that race for more seats than there are get all of theirs or none', async () => {
  const flight = await unhurried.flight({ seats: 12 });
  const customers = await Promise.all(Array.from({ length: 30 }, () => unhurried.customer()));
  const passengers = Array.from({ length: 5 }, () => ({
    givenName: 'Ada',
    familyName: 'Lovelace',
  }));
  const answers = await Promise.all(
    customers.map((customer) => create(customer, flight, { passengers })),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 2, 409: 28 });
  expect(await seatsByState(unhurried.db, flight.id)).toEqual({ free: 2, held: 10, sold: 0 });
});

test('one customer who asks for 30 bookings at once holds no more than the limit', async () => {
  const flight = await unhurried.flight({ seats: 60 });
  const customer = await unhurried.customer();
  const answers = await Promise.all(Array.from({ length: 30 }, () => create(customer, flight)));
  expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 10, 429: 20 });
});

async function heldBooking(
  shop: Storefront,
  flight?: FlightOnSale,
): Promise<{ customer: Client; booking: Booking }> {
  const customer = await shop.customer();
  const { status, body: booking } = await create(customer, flight ?? (await shop.flight()));
  expect(status).toBe(201);
  return { customer, booking };
}

test('50 payments at once with one key charge once and get one answer', async () => {
  const { customer, booking } = await heldBooking(unhurried);
  const key = newKey();
  const answers = await Promise.all(Array.from({ length: 50 }, () => pay(customer, booking, key)));
  expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 50 });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await capturesOf(unhurried, booking.id)).toHaveLength(1);
});

test('50 payments at once with 50 keys charge once; the others hear why not', async () => {
  const { customer, booking } = await heldBooking(unhurried);
  const answers = await Promise.all(Array.from({ length: 50 }, () => pay(customer, booking)));
  const codes = tally(
    answers.map(({ status, body }) =>
      status === 201 ? 'paid' : ((body as { code?: string }).code ?? status),
    ),
  );
  const { paid, payment_in_progress: inProgress = 0, booking_not_payable: notPayable = 0 } = codes;
  expect({ ...codes, paid, refused: inProgress + notPayable }).toEqual({
    ...(inProgress > 0 ? { payment_in_progress: inProgress } : {}),
    ...(notPayable > 0 ? { booking_not_payable: notPayable } : {}),
    paid: 1,
    refused: 49,
  });
  expect(await capturesOf(unhurried, booking.id)).toHaveLength(1);
});

test('two bookings paid at once with one key: one is paid, the other is refused', async () => {
  const rounds = 10;
  const flight = await unhurried.flight({ seats: 2 * rounds });
  for (let round = 0; round < rounds; round += 1) {
    const customer = await unhurried.customer();
    const bookings = await Promise.all([create(customer, flight), create(customer, flight)]);
    expect(bookings.map(({ status }) => status)).toEqual([201, 201]);
    const key = newKey();
    const answers = await Promise.all(bookings.map(({ body }) => pay(customer, body, key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  }
});

test('a cancellation and a payment at once: one of them decides', async () => {
  const flight = await unhurried.flight({ seats: 20 });
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { customer, booking } = await heldBooking(unhurried, flight);
      const [paid, cancelled] = await Promise.all([
        pay(customer, booking),
        persist(() => customer.cancel(booking)),
      ]);
      const { status } = (await customer.read(booking.id)).body;
      expect({ status, paid: paid.status === 201, cancelled: cancelled.status === 200 }).toEqual({
        status,
        paid: status === 'booked',
        cancelled: status === 'cancelled',
      });
      return status;
    }),
  );
  expect(outcomes).toHaveLength(20);
});

describe('a payment and the deadline', () => {
  /** Some rounds of those at once where people wait for the tests; CI plays more. */
  const TRIALS = Number(process.env.TRIALS ?? '160');
  const AT_ONCE = 40;
  /** Payments are sent so many milliseconds around the deadline. */
  const SPREAD_MS = 1_000;

  const WAYS = ['card', 'signal', 'event'] as const;

  /** Each pays, and returns whether that was accepted. */
  const PAY: Record<
    (typeof WAYS)[number],
    (customer: Client, booking: Booking) => Promise<boolean>
  > = {
    card: async (customer, booking) => {
      const { status, body } = await pay(customer, booking);
      if (status !== 201) expect(body).toMatchObject({ code: 'booking_not_payable' });
      return status === 201;
    },
    signal: async (_customer, { id, workflowId, price: { amount, currency } }) => {
      const news = { amount, currency, provider: 'acme', providerPaymentId: `acme-${id}` };
      const handle = hurried.env.client.workflow.getHandle(workflowId);
      try {
        await handle.signal(paymentReceived, news);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    event: async (customer, booking) => {
      const news = signed(paymentEvent(booking, { provider: 'acme' }));
      expect(await customer.send('POST', PAYMENT_EVENTS, news)).toMatchObject({ status: 202 });
      return true;
    },
  };

  /** Waits until the money that came too late is on record as owed back. */
  async function owedBack(customer: Client, { id }: Booking): Promise<void> {
    await waitUntil(
      async () => (await customer.read(id)).body.refund?.status === 'needs_operator',
      { timeoutMs: PATIENCE_MS, onTimeout: () => new Error(`The money of ${id} is on no record`) },
    );
  }

  /** Each way once at once, and once after the deadline; then around it. */
  function offsetOf(trial: number): number {
    if (trial < WAYS.length) return -Infinity;
    if (trial < 2 * WAYS.length) return SPREAD_MS;
    return ((trial * 37) % (2 * SPREAD_MS)) - SPREAD_MS;
  }

  /** Pays one booking about when its deadline comes, in one of the ways; returns how it ended. */
  async function race(trial: number, flight: FlightOnSale): Promise<string> {
    const { customer, booking } = await heldBooking(hurried, flight);
    const way = WAYS[trial % WAYS.length] as (typeof WAYS)[number];
    const sendAt = Date.parse(booking.paymentRequiredBy ?? '') + offsetOf(trial);
    await wait(Math.max(0, sendAt - Date.now()));

    const accepted = await PAY[way](customer, booking);
    const { status } = await hurried.settled(booking);

    const { body: final } = await customer.read(booking.id);
    expect(final.status).toBe(status);
    if (final.status === 'booked') {
      expect({ accepted, payment: final.payment?.status, refund: final.refund }).toEqual({
        accepted: true,
        payment: 'captured',
        refund: null,
      });
    } else {
      expect(final).toMatchObject({ status: 'cancelled', cancellationReason: 'payment_expired' });
      // News that came too late is money all the same, and is owed back; a card was not charged.
      if (way === 'card') expect(accepted).toBe(false);
      if (accepted) await owedBack(customer, booking);
      else expect(final.refund).toBeNull();
    }
    return `${way}: ${final.status}`;
  }

  test('however close, each booking ends either booked and paid, or cancelled and its money owed back', async () => {
    const flight = await hurried.flight({ seats: TRIALS });
    const outcomes: string[] = [];
    let next = 0;
    const runTrials = async () => {
      while (next < TRIALS) {
        const trial = next;
        next += 1;
        outcomes.push(await race(trial, flight));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runTrials));
    const counts = tally(outcomes);
    console.log(counts);
    for (const outcome of [
      'card: booked',
      'card: cancelled',
      'signal: booked',
      'signal: cancelled',
      'event: booked',
      'event: cancelled',
    ]) {
      expect(counts[outcome]).toBeGreaterThan(0);
    }
  });
});

test('after all of it the books agree, with one another and with the workflows', async () => {
  expect(await audit(unhurried.db, createWorkflowLookup(unhurried.env.client))).toEqual([]);
  expect(await audit(hurried.db, createWorkflowLookup(hurried.env.client))).toEqual([]);
});
