import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { types } from 'node:util';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { idOfKey } from '../../src/api/idempotency';
import { mintToken } from '../../src/cli/mint';
import type { Db } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import {
  bookingWorkflowId,
  type BookingWorkflow,
  type ExternalPaymentReport,
} from '../../src/temporal/contracts/booking';
import { clientOf, newKey, type Client as ApiClient } from '../api/client';
import type { Answer } from '../api/contract';
import { PAYMENT_EVENTS, signed } from '../api/signed-events';
import type { DevStack } from '../support/dev-stack';
import { seatsByState, type FlightOnSale } from '../support/flights';
import { PATIENCE_MS } from '../support/patience';

/** A customer as the tests know them: their keys, and what these stand for. */
export interface Shopper {
  customerId: string;
  client: ApiClient;
  /** Someone who acts for any customer. */
  operator: ApiClient;
  flight: FlightOnSale;
  bookingKey: string;
  paymentKey: string;
  bookingId: string;
  paymentId: string;
  /** Asks for a seat, with the same key every time, until there is a definite answer. */
  create(details?: Record<string, unknown>): Promise<Answer<Booking>>;
  /** Pays, with the same key every time, until there is a definite answer. */
  pay(booking: Booking, details?: Record<string, unknown>, key?: string): Promise<Answer<Payment>>;
  cancel(booking: Booking, as?: 'customer' | 'operator'): Promise<Answer<Booking>>;
  /**
   * Another service posts that it was paid for the booking, until it is told that it has been
   * heard.
   */
  payExternally(payment: ExternalPaymentReport): Promise<void>;
  read(): Promise<Booking>;
  seats(): ReturnType<typeof seatsByState>;
  /** What the provider's own books have of this booking: the status of each charge. */
  charges(): Promise<string[]>;
  /** What the provider's own books say has gone back, each time, in cents. */
  refunds(): Promise<number[]>;
  workflow: WorkflowHandle<BookingWorkflow>;
}

/** A customer whose seat is held. */
export type Holder = Shopper & { booking: Booking };

/** A customer whom nobody has seen before, unless one is named, with keys that nobody has used. */
export async function newShopper(
  { stack, db, temporal }: { stack: DevStack; db: Db; temporal: Client },
  flight: FlightOnSale,
  customerId = `customer-${randomUUID()}`,
): Promise<Shopper> {
  const client = clientOf(stack.url, await tokenFor(stack, customerId));
  const operator = clientOf(stack.url, await tokenFor(stack, 'operator-1', 'operator'));
  const bookingKey = newKey();
  const paymentKey = newKey();
  const bookingId = idOfKey(customerId, 'bookings', bookingKey);
  return {
    customerId,
    client,
    operator,
    flight,
    bookingKey,
    paymentKey,
    bookingId,
    paymentId: idOfKey(customerId, 'payments', paymentKey),
    create: (details = {}) => persist(() => client.create(flight, details, bookingKey)),
    pay: (booking, details = {}, key = paymentKey) =>
      persist(() => client.pay(booking, details, key)),
    cancel: (booking, as = 'customer') =>
      persist(() => (as === 'customer' ? client : operator).cancel(booking)),
    payExternally: async (payment) => {
      const event = { type: 'payment.captured', data: { bookingId, ...payment } };
      const secret = required(stack.env.PAYMENT_EVENTS_SECRET);
      const accepted = await persist(
        () => client.send('POST', PAYMENT_EVENTS, signed(event, { secret })),
        ({ status }) => status === 202,
      );
      expect(accepted.status).toBe(202);
    },
    read: async () => (await persist(() => client.read(bookingId))).body,
    seats: () => seatsByState(db, flight.id),
    charges: async () => {
      const { rows } = await db.raw<{ rows: { status: string }[] }>(
        `SELECT i.status FROM sandbox_provider.payment_intents i
         JOIN payments p ON p.id::text = i.idempotency_key WHERE p.booking_id = ? ORDER BY i.status`,
        [bookingId],
      );
      return rows.map(({ status }) => status);
    },
    refunds: async () => {
      const { rows } = await db.raw<{ rows: { amount: number }[] }>(
        `SELECT r.amount FROM sandbox_provider.refunds r
         JOIN sandbox_provider.payment_intents i ON i.id = r.payment_intent_id WHERE i.booking_id = ?`,
        [bookingId],
      );
      return rows.map(({ amount }) => amount);
    },
    workflow: temporal.workflow.getHandle<BookingWorkflow>(bookingWorkflowId(bookingId)),
  };
}

/** A token for the API of a stack: a customer's, unless another scope is named. */
export async function tokenFor(
  { env }: DevStack,
  sub: string,
  scope = 'bookings',
): Promise<string> {
  const keys = {
    secret: required(env.AUTH_JWT_SECRET),
    issuer: required(env.AUTH_ISSUER),
    audience: required(env.AUTH_AUDIENCE),
  };
  return mintToken(keys, { sub, scope, expiresIn: '1h' });
}

export function required(value: string | undefined): string {
  if (value === undefined) throw new Error("Bug: the stack's dev.env is not whole");
  return value;
}

/**
 * Sends the same request again until the answer is definite, as clients are told to: after a 202, a
 * 503, or no answer at all. An answer that may never be given, 500, is definite enough.
 */
export async function persist<T>(
  send: () => Promise<Answer<T>>,
  isDefinite = ({ status }: Answer<T>) => status !== 202 && status !== 503,
): Promise<Answer<T>> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await send().catch(unlessBroken);
    if (answer !== undefined && isDefinite(answer)) return answer;
    if (Date.now() > giveUpAt) throw new Error(`No definite answer: ${answer?.text ?? 'none'}`);
    await wait(100);
  }
}

/** How Node's fetch reports a connection that can't be made, or that breaks. */
function unlessBroken(error: unknown): undefined {
  const isBroken =
    types.isNativeError(error) && ['fetch failed', 'terminated'].includes(error.message);
  if (!isBroken) throw error;
}
