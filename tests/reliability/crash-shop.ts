import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { types } from 'node:util';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { mintToken } from '../../scripts/stack/mint';
import { waitUntil } from '../../scripts/stack/wait';
import { audit } from '../../src/activities/audit';
import { idOfKey } from '../../src/api/idempotency';
import { connect } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import { createWorkflowLookup } from '../../src/temporal/booking-workflows';
import {
  bookingState,
  bookingWorkflowId,
  type BookingWorkflow,
} from '../../src/temporal/contracts';
import { clientOf, newKey, type Client as ApiClient } from '../api/client';
import type { Answer } from '../api/contract';
import { newPlace, removePlace, startDevStack, type DevStack } from '../support/dev-stack';
import { putFlightOnSale, seatsByState, type FlightOnSale } from '../support/flights';
import { gatesOf, silenceCommits } from './gates';

export type CrashShop = Awaited<ReturnType<typeof openCrashShop>>;

/** A customer as the tests know them: their keys, and what these stand for. */
export interface Shopper {
  customerId: string;
  client: ApiClient;
  flight: FlightOnSale;
  bookingKey: string;
  paymentKey: string;
  bookingId: string;
  paymentId: string;
  /** Asks for a seat, with the same key every time, until there is a definite answer. */
  create(): Promise<Answer<Booking>>;
  /** Pays, with the same key every time, until there is a definite answer. */
  pay(booking: Booking, details?: Record<string, unknown>, key?: string): Promise<Answer<Payment>>;
  cancel(booking: Booking): Promise<Answer<Booking>>;
  read(): Promise<Booking>;
  seats(): ReturnType<typeof seatsByState>;
  /** What the provider's own books have of this booking: the status of each charge. */
  charges(): Promise<string[]>;
  workflow: WorkflowHandle<BookingWorkflow>;
}

/** A customer whose seat is held. */
export type Holder = Shopper & { booking: Booking };

const SEATS = 6;

/** How long anything may take to come right after a crash. */
const PATIENCE_MS = 60_000;

/** The whole system as `npm run dev` starts it, for those who break it on purpose. */
export async function openCrashShop(paymentWindowSeconds: number) {
  const place = await newPlace();
  const start = () =>
    startDevStack(place, {
      SCHEDULE_DAYS: '1',
      PAYMENT_WINDOW_SECONDS: String(paymentWindowSeconds),
      MAX_OPEN_HOLDS_PER_CUSTOMER: '1000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
    });
  let stack: DevStack = await start();
  const databaseUrl = required(stack.env.DATABASE_URL);
  const db = connect(databaseUrl, { applicationName: 'test', maxConnections: 20 });
  const connection = Connection.lazy({ address: required(stack.env.TEMPORAL_ADDRESS) });
  const temporal = new Client({ connection });
  const gates = gatesOf(databaseUrl);

  /** Whether the worker of this process ID asks Temporal for work: it introduces itself by it. */
  async function isPolling(pid: number): Promise<boolean> {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: 'bookings' },
    });
    return pollers.some(({ identity }) => identity?.startsWith(`${pid}@`));
  }

  /** Resolves at the moment when a worker asks for work again that is not the one of this process ID. */
  async function untilWorkerIsBack(killed: number): Promise<number> {
    const isBack = async () => {
      const pid = stack.pidOf('worker');
      return pid !== killed && (await isPolling(pid));
    };
    await waitUntil(() => isBack().catch(() => false), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => late('the worker'),
    });
    return Date.now();
  }

  /** One after another: each takes the next free flight number. */
  let flights: Promise<unknown> = Promise.resolve();
  function newFlight(): Promise<FlightOnSale> {
    const flight = flights.then(() => putFlightOnSale(db, { seats: SEATS }));
    flights = flight.catch(() => undefined);
    return flight;
  }

  /** A customer whom nobody has seen before, with a flight of their own. */
  async function shopper(): Promise<Shopper> {
    const customerId = `customer-${randomUUID()}`;
    const flight = await newFlight();
    const token = await mintToken(
      {
        secret: required(stack.env.AUTH_JWT_SECRET),
        issuer: required(stack.env.AUTH_ISSUER),
        audience: required(stack.env.AUTH_AUDIENCE),
      },
      { sub: customerId, scope: 'bookings', expiresIn: '1h' },
    );
    const client = clientOf(stack.url, token);
    const bookingKey = newKey();
    const paymentKey = newKey();
    const bookingId = idOfKey(customerId, 'bookings', bookingKey);
    const paymentId = idOfKey(customerId, 'payments', paymentKey);
    return {
      customerId,
      client,
      flight,
      bookingKey,
      paymentKey,
      bookingId,
      paymentId,
      create: () => persist(() => client.create(flight, {}, bookingKey)),
      pay: (booking, details = {}, key = paymentKey) =>
        persist(() => client.pay(booking, details, key)),
      cancel: (booking) => persist(() => client.cancel(booking)),
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
      workflow: temporal.workflow.getHandle<BookingWorkflow>(bookingWorkflowId(bookingId)),
    };
  }

  return {
    db,
    temporal,
    gates,
    shopper,
    get stack() {
      return stack;
    },
    silenceCommits: () => silenceCommits(databaseUrl),
    /** A booking whose seat is held until its deadline. */
    async holder(): Promise<Holder> {
      const customer = await shopper();
      const { status, body } = await customer.create();
      expect({ status, booking: body.status }).toEqual({ status: 201, booking: 'pending' });
      return { ...customer, booking: body };
    },
    untilWorkerIsBack,
    async untilServing(): Promise<void> {
      await waitUntil(() => stack.serves(), {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => late('the stack'),
      });
    },
    /** Ends the whole stack in an orderly way, waits, and starts it again on its data; answers when its worker was back. */
    async restart(pause: () => Promise<void>): Promise<number> {
      const worker = stack.pidOf('worker');
      await stack.stop();
      await pause();
      const [recoveredAt, started] = await Promise.all([untilWorkerIsBack(worker), start()]);
      stack = started;
      return recoveredAt;
    },
    /** Resolves once the workflow has ended; answers the booking's final status as it sees it. */
    async settled({ workflow }: Pick<Shopper, 'workflow'>): Promise<string> {
      await workflow.result();
      return (await workflow.query(bookingState)).status;
    },
    /** What is wrong with the books, and between books and workflows. */
    audit: () => audit(db, createWorkflowLookup(temporal)),
    /** How late each booking's seats went back on sale, in milliseconds, counted from its deadline or from a later moment. */
    async lateness(bookingIds: string[], recoveredAt = 0): Promise<number[]> {
      const { rows } = await db.raw<{ rows: { deadline: Date; released: Date }[] }>(
        `SELECT b.payment_required_by AS deadline, e.occurred_at AS released
         FROM bookings b JOIN booking_events e ON e.booking_id = b.id AND e.type = 'cancelled'
         WHERE b.id = ANY(?)`,
        [bookingIds],
      );
      expect(rows).toHaveLength(bookingIds.length);
      return rows.map(
        ({ deadline, released }) => released.getTime() - Math.max(deadline.getTime(), recoveredAt),
      );
    },
    async close(): Promise<void> {
      await gates.openAll();
      await Promise.all([db.destroy(), connection.close()]);
      await stack.stop();
      removePlace(place);
    },
  };
}

function late(what: string): Error {
  return new Error(`${what} did not come back within ${PATIENCE_MS / 1000} s`);
}

function required(value: string | undefined): string {
  if (value === undefined) throw new Error("Bug: the stack's dev.env is not whole");
  return value;
}

/**
 * Sends the same request again until the answer is definite, as clients are told to: after a 202, a 503, or no answer at all. An answer that
 * may never be given, 500, is definite enough.
 */
export async function persist<T>(send: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await send().catch(unlessBroken);
    if (answer !== undefined && answer.status !== 202 && answer.status !== 503) return answer;
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
