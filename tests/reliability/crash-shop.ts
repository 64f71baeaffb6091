import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { reconcileNow } from '../../src/cli/reconciliation';
import { waitUntil } from '../../src/cli/wait';
import { connect } from '../../src/db/connection';
import { bookingState } from '../../src/temporal/contracts/booking';
import type { ReconciliationRequest } from '../../src/temporal/contracts/reconciliation';
import { clientOf } from '../api/client';
import {
  newPlace,
  removePlace,
  startDevStack,
  type DevStack,
  type Part,
} from '../support/dev-stack';
import { untilSeen } from '../support/shop';
import { TEST_KEY, testDataConverter } from '../support/encryption';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { workflowBundle } from '../support/workflow-bundle';
import { gatesOf, putUpDoors, silenceCommits } from './gates';
import { auditWhenSettled } from './settled-audit';
import { PATIENCE_MS } from '../support/patience';
import { queryIfPossible } from '../support/query';
import { newShopper, required, tokenFor, type Holder, type Shopper } from './shopper';

export type CrashShop = Awaited<ReturnType<typeof openCrashShop>>;

const SEATS = 6;
const DAY_MS = 24 * 60 * 60 * 1000;

/** All of it at once; another build than before may have flights to lay out first. */
const RESTART_MS = 240_000;

/** On Temporal's dev server. */
const FAULTS_STAY_MS = 5_000;

/**
 * The whole system as `npm run dev` starts it, for those who break it on purpose. It may start as
 * another build, whose sources are in the folder `begunOn`; restarted it is this one.
 */
export async function openCrashShop(
  paymentWindowSeconds: number,
  env: NodeJS.ProcessEnv = {},
  begunOn?: string,
) {
  const [place, { codePath }] = await Promise.all([newPlace(), workflowBundle()]);
  const start = (root?: string) => {
    const settings = {
      // Of the flights of one day few may be left.
      SCHEDULE_DAYS: begunOn === undefined ? '1' : '3',
      WORKFLOW_BUNDLE: root === undefined ? codePath : undefined,
      PAYMENT_WINDOW_SECONDS: String(paymentWindowSeconds),
      PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
      // A few customers hold and let go, and have cards declined, all the time.
      MAX_OPEN_HOLDS_PER_CUSTOMER: '1000',
      MAX_UNPAID_HOLDS_PER_FLIGHT: '1000000',
      MAX_UNPAID_HOLDS_PER_DAY: '1000000',
      MAX_DECLINES_PER_HOUR: '1000000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
      ...env,
    };
    return startDevStack(place, settings, 'dev', root);
  };
  let stack: DevStack = await start(begunOn);
  const databaseUrl = required(stack.env.DATABASE_URL);
  const db = connect(databaseUrl, { applicationName: 'test', maxConnections: 20 });
  const connection = Connection.lazy({ address: required(stack.env.TEMPORAL_ADDRESS) });
  const temporal = new Client({ connection, dataConverter: testDataConverter });
  await putUpDoors(db);
  const gates = gatesOf(databaseUrl);

  /** Whether the worker of this process ID asks Temporal for work: it introduces itself by it. */
  async function isPolling(pid: number): Promise<boolean> {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: 'bookings' },
    });
    return pollers.some(({ identity }) => identity?.startsWith(`${pid}@`));
  }

  /**
   * Resolves at the moment when a worker asks for work again that is not the one of this process
   * ID.
   */
  async function untilWorkerIsBack(killed: number, timeoutMs = PATIENCE_MS): Promise<number> {
    const isBack = async () => {
      const pid = stack.pidOf('worker');
      return pid !== killed && (await isPolling(pid));
    };
    await waitUntil(() => isBack().catch(() => false), {
      timeoutMs,
      onTimeout: () => late('the worker'),
    });
    return Date.now();
  }

  /** One after another: each takes the next free flight number. */
  let flights: Promise<unknown> = Promise.resolve();
  function newFlight(departsInDays = 30, fare: { base?: number } = {}): Promise<FlightOnSale> {
    const departureAt = new Date(Date.now() + departsInDays * DAY_MS);
    const flight = flights.then(() => putFlightOnSale(db, { seats: SEATS, departureAt, ...fare }));
    flights = flight.catch(() => undefined);
    return flight;
  }

  const shopper = async (departsInDays = 30, customerId?: string) =>
    newShopper({ stack, db, temporal }, await newFlight(departsInDays), customerId);

  /** Resolves once every part is there and reaches the others. */
  async function untilServing(): Promise<void> {
    await waitUntil(() => stack.serves(), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => late('the stack'),
    });
  }

  return {
    db,
    temporal,
    gates,
    /** A customer whom nobody has seen before, unless one is named, with a flight of their own. */
    shopper,
    flight: newFlight,
    /** A customer whom nobody has seen before, of a flight that is on sale. */
    shopperOf: (flight: FlightOnSale) => newShopper({ stack, db, temporal }, flight),
    customer: async () => clientOf(stack.url, await tokenFor(stack, `customer-${randomUUID()}`)),
    operator: async () => clientOf(stack.url, await tokenFor(stack, 'operator-1', 'operator')),
    get stack() {
      return stack;
    },
    silenceCommits: () => silenceCommits(databaseUrl),
    /** A booking whose seat is held until its deadline. */
    async holder(departsInDays?: number): Promise<Holder> {
      const customer = await shopper(departsInDays);
      const { status, body } = await customer.create();
      expect({ status, booking: body.status }).toEqual({ status: 201, booking: 'pending' });
      return { ...customer, booking: body };
    },
    /** Kills a part, which is started again; returns which process it was. */
    kill(part: Part): number {
      const pid = stack.pidOf(part);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    untilWorkerIsBack,
    /**
     * Ends the whole stack in an orderly way, waits, and starts it again on its data; answers when
     * its worker was back.
     */
    async restart(pause: () => Promise<void>): Promise<number> {
      const worker = stack.pidOf('worker');
      await stack.stop();
      await pause();
      const [recoveredAt, started] = await Promise.all([
        untilWorkerIsBack(worker, RESTART_MS),
        start(),
      ]);
      stack = started;
      return recoveredAt;
    },
    /** Waits until the booking is booked or cancelled; returns which, as its workflow sees it. */
    async settled({ workflow }: Pick<Shopper, 'workflow'>): Promise<string> {
      return untilSeen(async () => {
        const state = await queryIfPossible(workflow, bookingState);
        if (state === undefined || state.activity === 'cancelling') return undefined;
        return ['booked', 'cancelled'].includes(state.status) ? state.status : undefined;
      });
    },
    /** Runs a reconciliation now, and waits for its end. */
    reconcile: (request: ReconciliationRequest = {}) =>
      reconcileNow(temporal, 'bookings', { comparesDays: true, ...request }),
    /** What is wrong with the books, and between books and workflows. */
    async audit() {
      await untilServing();
      return auditWhenSettled(db, temporal, FAULTS_STAY_MS);
    },
    /**
     * How late each booking's seats went back on sale, in milliseconds, counted from its deadline
     * or from a later moment.
     */
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
  return new Error(`${what} did not come back in time`);
}
