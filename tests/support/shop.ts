import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, type DataConverter, type Duration } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { registerSearchAttributes } from '../../scripts/stack/search-attributes';
import { createActivities, createBackgroundActivities } from '../../src/activities';
import { mailActivities } from '../../src/activities/mail/activities';
import type { CustomerLimits } from '../../src/activities/dependencies';
import {
  paymentEventActivities,
  type PaymentEventDependencies,
} from '../../src/activities/payment-events';
import { scheduleChangeActivities } from '../../src/activities/schedule-change/activities';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import type { Db } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { PaymentGateway } from '../../src/payments/gateway';
import { createPaymentProviders } from '../../src/payments/providers';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { sendDueReports } from '../../src/payments/sandbox/reports';
import { backgroundTaskQueue } from '../../src/temporal/contracts/background';
import { createBookingWorkflows, WORKFLOW_TASK_TIMEOUT } from '../../src/temporal/clients/bookings';
import { RESULT_WITHIN_MS, type UpdateOutcome } from '../../src/temporal/clients/execute-update';
import { Refused } from '../../src/temporal/clients/refused';
import {
  awaitReservation,
  BOOKING_WORKFLOW,
  bookingState,
  bookingWorkflowId,
  cancelBooking,
  flightIdsOf,
  makePayment,
  paymentReceived,
  paymentUpdateId,
  RESERVATION_UPDATE_ID,
  type BookingRequest,
  type BookingState,
  type BookingWorkflow,
  type CancellationRequest,
  type CardPayment,
  type ExternalPaymentReport,
  type ReservationResult,
} from '../../src/temporal/contracts/booking';
import { createPaymentWorkflows } from '../../src/temporal/clients/payment-workflows';
import {
  awaitCancellation,
  CANCELLATION_UPDATE_ID,
  CANCELLATION_WORKFLOW,
  cancellationWorkflowId,
  type CancellationResult,
  type CancellationWorkflow,
  type SaleCancellation,
} from '../../src/temporal/contracts/cancellation';
import {
  refundState,
  refundWorkflowId,
  type RefundState,
  type RefundWorkflow,
} from '../../src/temporal/contracts/refund';
import { createScheduleChangeWorkflows } from '../../src/temporal/clients/schedule-changes';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { SANDBOX } from '../../src/worker/sandbox';
import { playScenarios } from '../../src/worker/scenarios/play';
import { withSlowHolds } from '../../src/worker/scenarios/slow-holds';
import { createTestDatabase, type Process } from './database';
import { testWorkerDataConverter } from './encryption';
import {
  ADULT_PRICE,
  paymentFor,
  putFlightOnSale,
  requestOf,
  seatsByState,
  type FlightOnSale,
} from './flights';
import { lineTo } from './provider';
import { queryIfPossible } from './query';
import { workflowBundle } from './workflow-bundle';
import { untilWaiting, whileRivalHolds } from './rival';

const TASK_QUEUE = 'bookings';
const MINUTE_MS = 60_000;

/** How many days the flights that are to be tried out may be ahead. */
const SCENARIO_DAYS = 14;

/**
 * Opening takes a few seconds; when the workflows have to be bundled first, and the machine is
 * busy, many.
 */
export const STARTING_MS = 300_000;

export const PAYMENT_WINDOW_SECONDS = 900;

export interface ShopOptions {
  paymentWindowSeconds?: number;
  maxOpenHoldsPerCustomer?: number;
  /** Providers beside the sandbox. */
  otherProviders?: PaymentGateway[];
  /** What else limits a customer; as in production unless said otherwise. */
  limits?: Partial<CustomerLimits>;
  /** How long a task of a booking's workflow may take; as in production unless said otherwise. */
  workflowTaskTimeout?: Duration;
  /** What the worker reads and writes payloads with. */
  dataConverter?: DataConverter;
  /** Whether customers, banks and the airline of the sandbox do what they do by themselves. */
  playsScenarios?: boolean;
  /** Whether a worker does what no customer waits for. */
  hasBackground?: boolean;
}

/** The limits of production, but for open holds, which a test reaches soon. */
export const LIMITS: CustomerLimits = {
  maxOpenHoldsPerCustomer: 3,
  maxUnpaidHoldsPerFlight: 3,
  maxUnpaidHoldsPerDay: 20,
  maxDeclinesPerHour: 20,
};

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** All that a shop's worker does. It has no mail server. */
export function stepsOf(deps: PaymentEventDependencies) {
  const mail = mailActivities({
    db: deps.db,
    mail: undefined,
    stopping: new AbortController().signal,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    onResult: () => undefined,
  });
  return { ...createActivities(deps), ...paymentEventActivities(deps), ...mail };
}

/** A booking as its test talks to it. */
export type Sale = ReturnType<typeof saleIn>;

/**
 * A shop open for business: a worker with the real activities on the given Temporal, on an empty
 * database of its own, and a line to the sandbox provider that a test can cut.
 */
export async function openShop(
  environment: () => Promise<TestWorkflowEnvironment>,
  {
    paymentWindowSeconds = PAYMENT_WINDOW_SECONDS,
    otherProviders = [],
    maxOpenHoldsPerCustomer = LIMITS.maxOpenHoldsPerCustomer,
    limits = {},
    workflowTaskTimeout = WORKFLOW_TASK_TIMEOUT,
    dataConverter = testWorkerDataConverter,
    playsScenarios = false,
    hasBackground = true,
  }: ShopOptions = {},
) {
  quietRuntime();
  const [env, database, bundle] = await Promise.all([
    environment(),
    createTestDatabase(),
    workflowBundle(),
  ]);
  // The dev server has them from its start.
  if (env.supportsTimeSkipping)
    await registerSearchAttributes(env.connection, env.namespace ?? 'default');
  const db = database.knex;
  // Each process has the access of its own role; the tests look at everything.
  const pools = {
    api: database.as('api'),
    worker: database.as('worker'),
    sandbox: database.as('sandbox'),
  };
  const provider = lineTo(createSandboxGateway(pools.sandbox));
  const paymentWorkflows = createPaymentWorkflows(env.client, TASK_QUEUE);
  const bookings = createBookingWorkflows(env.client, TASK_QUEUE);
  const scheduleChanges = createScheduleChangeWorkflows(env.client, TASK_QUEUE);
  const deps = {
    db: pools.worker,
    providers: createPaymentProviders(provider.gateway, ...otherProviders),
    paymentWorkflows,
    paymentWindowSeconds,
    limits: { ...LIMITS, maxOpenHoldsPerCustomer, ...limits },
    workflows: createWorkflowLookup(env.client),
  };
  const steps = stepsOf(deps);
  /** Starts the workers; returns how to end them. */
  async function startWorkers(): Promise<() => Promise<void>> {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      identity: 'worker',
      taskQueue: TASK_QUEUE,
      workflowBundle: bundle,
      dataConverter,
      activities: {
        ...(playsScenarios ? withSlowHolds(steps, SCENARIO_DAYS) : steps),
        ...scheduleChangeActivities({ db: pools.worker, bookingWorkflows: bookings }),
      },
      ...SANDBOX,
      // A test that ends in the middle of a booking isn't to be waited for.
      shutdownForceTime: '2s',
    });
    const background = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: backgroundTaskQueue(hasBackground ? TASK_QUEUE : 'nobody-works-here'),
      dataConverter,
      activities: createBackgroundActivities(deps),
      shutdownForceTime: '2s',
    });
    const workers = [worker, background];
    const running = Promise.all(workers.map((one) => one.run()));
    return async () => {
      for (const one of workers) one.shutdown();
      await running;
    };
  }

  let stopWorkers = await startWorkers();
  const closing = new AbortController();
  const scenarios = playsScenarios
    ? playScenarios(
        {
          payments: { sendSandboxReports: (send) => sendDueReports(pools.sandbox, send) },
          paymentWorkflows,
          airline: {
            db: pools.worker,
            scheduleDays: SCENARIO_DAYS,
            bookingWorkflows: bookings,
            scheduleChanges,
          },
        },
        closing.signal,
        { warn: console.warn },
      )
    : undefined;

  /** Puts a flight on sale that departs so many minutes from now, in Temporal's time. */
  async function flight({
    seats = 6,
    departsInMinutes = 30 * 24 * 60,
    refundable = true,
  } = {}): Promise<FlightOnSale> {
    const departureAt = new Date((await env.currentTimeMs()) + departsInMinutes * MINUTE_MS);
    return putFlightOnSale(db, { seats, departureAt, refundable });
  }

  function startOptions(request: BookingRequest) {
    return {
      workflowId: bookingWorkflowId(request.bookingId),
      taskQueue: TASK_QUEUE,
      args: [request] as [BookingRequest],
      workflowTaskTimeout,
    };
  }

  const saleOf = (request: BookingRequest) => saleIn(env, db, request);

  /** Starts a booking's workflow and waits for its seats, as the API does. */
  async function reserve(request: BookingRequest): Promise<ReservationResult> {
    const startWorkflowOperation = new WithStartWorkflowOperation<BookingWorkflow>(
      BOOKING_WORKFLOW,
      {
        ...startOptions(request),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      },
    );
    return env.client.workflow.executeUpdateWithStart(awaitReservation, {
      updateId: RESERVATION_UPDATE_ID,
      startWorkflowOperation,
    });
  }

  /** A booking whose seat is held, on a flight of its own unless one is named. */
  async function hold({
    on,
    ...details
  }: Partial<BookingRequest> & { on?: FlightOnSale } = {}): Promise<Sale> {
    const request = requestOf(on ?? (await flight()), details);
    const { outcome } = await reserve(request);
    if (outcome !== 'held') throw new Error(`Bug: the seat of the test is ${outcome}`);
    return saleOf(request);
  }

  return {
    env,
    db,
    /** The database as a process has it. */
    dbOf: (process: Process) => pools[process],
    provider,
    paymentWorkflows,
    scheduleChanges,
    flight,
    reserve,
    saleOf,
    /** Starts a booking's workflow without waiting for anything. */
    async start(request: BookingRequest): Promise<Sale> {
      await env.client.workflow.start<BookingWorkflow>(BOOKING_WORKFLOW, startOptions(request));
      return saleOf(request);
    },
    /** Starts a booking's workflow with a message that is there before anything else. */
    async startExternallyPaid(
      request: BookingRequest,
      details: Partial<ExternalPaymentReport> = {},
    ): Promise<Sale> {
      await env.client.workflow.signalWithStart<BookingWorkflow, [ExternalPaymentReport]>(
        BOOKING_WORKFLOW,
        {
          ...startOptions(request),
          signal: paymentReceived,
          signalArgs: [transfer(details)],
        },
      );
      return saleOf(request);
    },
    hold,
    /** A booking that was paid for by card: its workflow stays open. */
    async sell(details: Parameters<typeof hold>[0] = {}): Promise<Sale> {
      const sale = await hold(details);
      await sale.pay();
      return sale;
    },
    /**
     * Cancels a sold booking as the API does, for the customer unless said otherwise; answers once
     * the seats are free. Its workflow is started again if it has ended.
     */
    async cancelSale(
      { request: { bookingId, customerId } }: Sale,
      details: Partial<CancellationRequest> = {},
    ): Promise<CancelledOrNot> {
      const sale = await readSale(db, bookingId);
      if (sale === undefined) throw new Error('Bug: the booking of the test was never sold');
      const cancellation = { requestedBy: customerId, asOperator: false, ...details };
      return cancelledOrNot(
        bookings.cancelSold(
          { booking: await readKnownBooking(db, bookingId), sale },
          { ...cancellation, ...(cancellation.asOperator ? { note: 'for a test' } : {}) },
          { updateId: `cancellation-${randomUUID()}`, withinMs: RESULT_WITHIN_MS },
        ),
      );
    },
    /** Starts the workflow of a sold booking again, as reconciliation does. */
    async restore({ request: { bookingId } }: Sale): Promise<void> {
      const sale = await readSale(db, bookingId);
      if (sale === undefined) throw new Error('Bug: the booking of the test was never sold');
      await bookings.restore(await readKnownBooking(db, bookingId), sale);
    },
    /** Cancels a sold booking as APIs of earlier releases did: by a workflow of its own. */
    async cancelSaleAsBefore(
      { request: { bookingId, customerId } }: Sale,
      details: Partial<SaleCancellation> = {},
    ): Promise<CancellationResult> {
      const args: [SaleCancellation] = [
        { bookingId, requestedBy: customerId, asOperator: false, ...details },
      ];
      const startWorkflowOperation = new WithStartWorkflowOperation<CancellationWorkflow>(
        CANCELLATION_WORKFLOW,
        {
          workflowId: cancellationWorkflowId(bookingId),
          taskQueue: TASK_QUEUE,
          args,
          workflowTaskTimeout: '3s',
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        },
      );
      return env.client.workflow.executeUpdateWithStart(awaitCancellation, {
        updateId: CANCELLATION_UPDATE_ID,
        startWorkflowOperation,
      });
    },
    /**
     * Runs as long as `work` does with a customer's claims locked out, as if another one of theirs
     * took its time.
     */
    async whileClaimsWait<T>(customerId: string, work: () => Promise<T>): Promise<T> {
      const lock = 'SELECT pg_advisory_xact_lock(hashtextextended(?, 0))';
      return whileRivalHolds(db, (rival) => rival.raw(lock, [customerId]), work);
    },
    /**
     * Runs `work` with the booking's row locked by someone else: the workflow can't write to it
     * meanwhile.
     */
    async whileBookingIsLocked<T>(
      { request }: { request: { bookingId: string } },
      work: () => Promise<T>,
    ): Promise<T> {
      const row = { id: request.bookingId };
      return whileRivalHolds(db, (rival) => rival('bookings').where(row).forUpdate(), work);
    },
    /** Ends the workers, and starts new ones once the work is done. */
    async whileWorkersAreAway<T>(work: () => Promise<T>): Promise<T> {
      await stopWorkers();
      try {
        return await work();
      } finally {
        stopWorkers = await startWorkers();
      }
    },
    /** Resolves once some statement in the database waits for another transaction. */
    untilSomeoneWaits: () => untilWaiting(db),
    async close(): Promise<void> {
      closing.abort();
      await scenarios;
      await stopWorkers()
        .finally(() => env.teardown())
        .finally(() => database.drop());
    },
  };
}

function saleIn(env: TestWorkflowEnvironment, db: Db, request: BookingRequest) {
  const handle = env.client.workflow.getHandle<BookingWorkflow>(
    bookingWorkflowId(request.bookingId),
  );
  return {
    request,
    handle,
    /** Pays as the API does; everything fits unless said otherwise. */
    pay: (details: Partial<CardPayment> = {}) => {
      const { bookingId: _, ...payment } = paymentFor(request, details);
      return handle.executeUpdate(makePayment, {
        args: [payment],
        updateId: paymentUpdateId(payment.paymentId),
      });
    },
    cancel: (details: Partial<CancellationRequest> = {}) =>
      handle.executeUpdate(cancelBooking, {
        args: [{ requestedBy: request.customerId, asOperator: false, ...details }],
      }),
    /** Another service tells of a payment; it fits unless said otherwise. */
    payExternally: (details: Partial<ExternalPaymentReport> = {}) =>
      handle.signal(paymentReceived, transfer(details)),
    state: () => handle.query(bookingState),
    /** Waits, in skipped time, until the workflow has ended; returns how. */
    outcome: () => handle.result(),
    /** Waits until the booking is booked or cancelled, without skipping any time. */
    settled: async (): Promise<BookingState> =>
      untilSeen(async () => {
        const state = await queryIfPossible(handle, bookingState);
        return state !== undefined && ['booked', 'cancelled'].includes(state.status)
          ? state
          : undefined;
      }),
    /** Waits until the workflow has ended, without skipping any time. */
    ended: async () => {
      await untilSeen(async () => {
        const { status } = await handle.describe();
        return status.name === 'RUNNING' ? undefined : status;
      });
    },
    /** Of its first flight. */
    seats: () => seatsByState(db, flightIdsOf(request).flat()[0] ?? ''),
    /** The ID that the sandbox gave its only charge; our row has it only once that is captured. */
    async chargeId(): Promise<string> {
      const [id] = await db('sandbox_provider.payment_intents')
        .where({ booking_id: request.bookingId })
        .pluck<string[]>('id');
      if (id === undefined) throw new Error('Bug: the provider knows no charge of this booking');
      return id;
    },
    payments: () =>
      db('payments').where({ booking_id: request.bookingId }).orderBy('created_at').select(),
    /**
     * Waits until everything that this booking paid has gone back as far as it is owed; returns how
     * each ended.
     */
    refunded: async () => {
      const payments = await db('payments').where({ booking_id: request.bookingId }).pluck('id');
      return Promise.all(payments.map((id) => refundIn(env, id).result()));
    },
    refunds: () =>
      db('refunds')
        .join('payments', 'payments.id', 'refunds.payment_id')
        .where({ booking_id: request.bookingId })
        .select('refunds.status', 'refunds.amount', 'refunds.currency', 'refunds.reason'),
    row: () => db('bookings').where({ id: request.bookingId }).first(),
  };
}

/** The outcome of a sold booking's cancellation. */
export type CancelledOrNot =
  { outcome: 'cancelled'; booking: Booking } | { outcome: 'refused'; code: string; detail: string };

async function cancelledOrNot(asked: Promise<UpdateOutcome<Booking>>): Promise<CancelledOrNot> {
  try {
    const outcome = await asked;
    if (outcome.kind !== 'completed') throw new Error(`The cancellation is ${outcome.kind}`);
    return { outcome: 'cancelled', booking: outcome.result };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { outcome: 'refused', code: error.code, detail: error.detail };
  }
}

/** The workflow that gives a payment back. */
export function refundIn(env: TestWorkflowEnvironment, paymentId: string) {
  return env.client.workflow.getHandle<RefundWorkflow>(refundWorkflowId(paymentId));
}

/** In milliseconds: the first pause between two looks, and the longest. */
const PAUSES = { first: 10, longest: 80 };

/**
 * Looks until there is something to see. Looks come ever less often: each takes the processor from
 * those who bring about what is awaited.
 */
export async function untilSeen<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let pauseMs = PAUSES.first; ; pauseMs = Math.min(2 * pauseMs, PAUSES.longest)) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(pauseMs);
  }
}

/**
 * Waits until a refund stands so; the workflow that gives the money back may not have been started
 * yet.
 */
export async function untilRefund(
  env: TestWorkflowEnvironment,
  paymentId: string,
  status: RefundState['status'],
): Promise<RefundState> {
  return untilSeen(async () => {
    const state = await queryIfPossible(refundIn(env, paymentId), refundState).catch(
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      },
    );
    return state?.status === status ? state : undefined;
  });
}

/** Waits until a payment's money has gone back, whichever workflow had it sent. */
export async function untilRefunded(db: Db, paymentId: string): Promise<void> {
  await untilSeen(() =>
    db('refunds').where({ payment_id: paymentId, status: 'succeeded' }).first(),
  );
}

/** Money of another service: what one adult's booking costs, unless said otherwise. */
export function transfer(details: Partial<ExternalPaymentReport> = {}): ExternalPaymentReport {
  return {
    ...ADULT_PRICE,
    provider: 'bank',
    providerPaymentId: `transfer-${randomUUID()}`,
    ...details,
  };
}

/** The code that an update was refused with; throws what is no refusal. */
export async function refusalOf(update: Promise<unknown>): Promise<string | null | undefined> {
  try {
    return `accepted: ${JSON.stringify(await update)}`;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      return error.cause.type;
    }
    throw error;
  }
}

/** Waits until a booking's workflow says what the test waits for. */
export async function stateOf(
  sale: Sale,
  isReached: (state: BookingState) => boolean,
): Promise<BookingState> {
  return untilSeen(async () => {
    const state = await sale.state();
    return isReached(state) ? state : undefined;
  });
}

let installed = false;

/**
 * Tests fail things on purpose: what is logged of that would hide what matters. To look into a
 * failing test, let it print.
 */
export function quietRuntime(): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: {
      logging: {
        filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }),
        forward: {},
      },
    },
  });
}
