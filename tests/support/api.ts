import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import winston from 'winston';
import { createReservationTurns } from '../../src/api/admission/turns';
import { createApp } from '../../src/api/app';
import { mountsOf, type AppDependencies } from '../../src/api/mounts';
import { createPaymentEventWorkflows } from '../../src/api/payment-events/payment-event-workflows';
import { methodsByPattern } from '../../src/api/route-table';
import { createApiServer } from '../../src/api/server';
import { createMetrics } from '../../src/api/system/metrics';
import { createDeliveryAnnouncements } from '../../src/api/webhook-endpoints/announcements';
import { mintToken } from '../../src/cli/mint';
import { waitUntil } from '../../src/cli/wait';
import type { AuthConfig, DeploymentConfig } from '../../src/config';
import type { Db } from '../../src/db/connection';
import { createSecretCipher } from '../../src/db/webhooks/secret-cipher';
import { findStuck } from '../../src/operations/stuck/stuck';
import { createPaymentProviders } from '../../src/payments/providers';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { createOperatorActions } from '../../src/temporal/clients/operator-actions';
import { createScheduleChangeWorkflows } from '../../src/temporal/clients/schedule-changes';
import {
  bookingState,
  bookingWorkflowId,
  type BookingState,
} from '../../src/temporal/contracts/booking';
import { createPaymentWorkflows } from '../../src/temporal/clients/payment-workflows';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { versioning } from '../../src/worker/versioning';
import { clientOf, type Client as ApiClient } from '../api/client';
import { createTestDatabase } from './database';
import { TEST_KEYS, testCodec, testWorkerDataConverter } from './encryption';
import {
  LIMITS,
  openShop,
  PAYMENT_WINDOW_SECONDS,
  stepsOf,
  untilSeen,
  type ShopOptions,
} from './shop';
import { devServerEnvironment } from './temporal';
import { queryIfPossible } from './query';
import { workflowBundle } from './workflow-bundle';
import { PATIENCE_MS } from './patience';

export const AUTH = {
  kind: 'secret',
  secret: 'a-secret-that-only-the-tests-know-of',
  issuer: 'https://issuer.example',
  audience: 'flight-bookings-tests',
} as const;

/** What the tests' other services, and their Stripe, sign with. */
export const PAYMENT_EVENTS_SECRET = `whsec_${Buffer.from('a-secret-of-other-services').toString('base64')}`;
export const STRIPE_WEBHOOK_SECRET = 'whsec_that_only_the_tests_know_of';

/** Where operators look; nothing is there. */
export const TEMPORAL_UI_URL = 'http://temporal-ui.example:8233';

/** More than any suite asks for in a minute. */
const NO_LIMIT = 1_000_000;

interface Settings {
  auth: AuthConfig;
  paymentEventsSecrets: string[];
  rateLimitPerMinute: number;
  trustedProxies: string[];
  corsOrigins: string[];
  keepAliveSeconds: number;
  maxConnections: number;
  /** Aborted: the process was told to stop. */
  stopping: AbortSignal;
  /** Of the built console; by default there is none. */
  consoleFolder: string;
  metrics: { onPublicPort: boolean };
  webhooks: { requireHttps: boolean; allowPrivate: boolean };
}

/** An API that listens on a port of its own, as its clients find it. */
export interface RunningApi {
  url: string;
  /** What the API has logged, as details of its lines. */
  log: winston.LogEntry[];
  /** Every pattern that its routers have, with the methods. */
  routes(): Map<string, string[]>;
  anyone: ApiClient;
  /** Someone with a token of the given scope and, unless named, never seen before. */
  customer(sub?: string): Promise<ApiClient>;
  operator(): Promise<ApiClient>;
  /** Stops listening; returns what the API has logged as an error: that someone must act now. */
  close(): Promise<string[]>;
}

async function serve(
  { db, searchDb = db }: { db: Db; searchDb?: Db | undefined },
  client: Client,
  taskQueue: string,
  {
    stopping = new AbortController().signal,
    consoleFolder = 'nowhere',
    ...settings
  }: Partial<Settings> = {},
): Promise<RunningApi> {
  const alarms: string[] = [];
  const log: winston.LogEntry[] = [];
  const logger = winston.createLogger({ transports: [alarmBell(alarms), notebook(log)] });
  const deps: AppDependencies = {
    config: {
      auth: AUTH,
      paymentEventsSecrets: [PAYMENT_EVENTS_SECRET],
      stripeWebhookSecrets: [STRIPE_WEBHOOK_SECRET],
      rateLimitPerMinute: NO_LIMIT,
      trustedProxies: false,
      corsOrigins: [],
      temporalUiUrl: TEMPORAL_UI_URL,
      metrics: { onPublicPort: true },
      webhooks: { requireHttps: false, allowPrivate: true },
      ...settings,
    },
    db,
    searchDb,
    counterDb: db,
    metrics: createMetrics(db),
    codec: testCodec,
    workflows: createBookingWorkflows(client, taskQueue),
    scheduleChanges: createScheduleChangeWorkflows(client, taskQueue),
    operatorActions: createOperatorActions(client, taskQueue),
    findStuck: () => findStuck({ db, client, taskQueue }),
    temporalNamespace: 'default',
    paymentEvents: createPaymentEventWorkflows(client, taskQueue),
    webhookSecrets: createSecretCipher(TEST_KEYS),
    announceDeliveries: createDeliveryAnnouncements(client, taskQueue, logger),
    logger,
    isTemporalReachable: () => Promise.resolve(true),
    stopping,
    consoleFolder,
  };
  const server = createApiServer(createApp(deps), { keepAliveSeconds: 65, ...settings }, logger);
  const url = await listen(server);
  return {
    url,
    log,
    routes: () =>
      methodsByPattern(mountsOf({ ...deps, metrics: createMetrics(db) }, createReservationTurns())),
    anyone: clientOf(url),
    customer: async (sub = `customer-${randomUUID()}`) => clientOf(url, await tokenOf({ sub })),
    operator: async () => clientOf(url, await tokenOf({ sub: 'operator-1', scope: 'operator' })),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      return alarms;
    },
  };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Notes what is logged as an error, and keeps quiet about the rest. */
function alarmBell(alarms: string[]) {
  const stream = new Writable({
    objectMode: true,
    write: ({ message, error }: winston.LogEntry, _encoding, done) => {
      alarms.push(`${message}: ${String(error)}`);
      done();
    },
  });
  return new winston.transports.Stream({ level: 'error', stream });
}

function notebook(log: winston.LogEntry[]) {
  const stream = new Writable({
    objectMode: true,
    write: (entry: winston.LogEntry, _encoding, done) => {
      log.push(entry);
      done();
    },
  });
  return new winston.transports.Stream({ level: 'info', stream });
}

/** Nothing that a client sends may bring it about that someone must act. */
async function expectQuietClose(apis: RunningApi[], closeTheRest: () => Promise<void>) {
  const alarms = await Promise.all(apis.map((api) => api.close()));
  await closeTheRest();
  expect(alarms.flat()).toEqual([]);
}

export async function tokenOf({
  sub,
  scope = 'bookings',
}: {
  sub: string;
  scope?: string;
}): Promise<string> {
  return mintToken(AUTH, { sub, scope, expiresIn: '1h' });
}

/** An API for what needs no workflows: the real database, and a Temporal that isn't there. */
export async function openApi(settings: Partial<Settings> = {}) {
  const database = await createTestDatabase();
  // Without interceptors nothing is tried again.
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const pools = { db: database.as('api'), searchDb: database.as('api') };
  const apis: RunningApi[] = [];
  /** Starts one more API on the same database, by other ways into it if they are given. */
  const startApi = async ({
    db,
    searchDb = db,
    ...more
  }: Partial<Settings> & { db?: Db; searchDb?: Db } = {}): Promise<RunningApi> => {
    const ways = { db: db ?? pools.db, searchDb: searchDb ?? pools.searchDb };
    const api = await serve(ways, new Client({ connection }), 'none', {
      ...settings,
      ...more,
    });
    apis.push(api);
    return api;
  };
  const api = await startApi();
  return {
    ...api,
    db: database.knex,
    databaseUrl: database.url,
    startApi,
    close: () =>
      expectQuietClose(apis, async () => {
        await connection.close();
        await database.drop();
      }),
  };
}

/** Everything for real: PostgreSQL, Temporal, a worker, and the API before them. */
export async function openStorefront(
  options: ShopOptions = {},
  temporalSettings: Record<string, number> = {},
) {
  // Bundling keeps this process busy for seconds: longer than a connection to PostgreSQL is waited
  // for.
  await workflowBundle();
  const shop = await openShop(() => devServerEnvironment(temporalSettings), {
    maxOpenHoldsPerCustomer: 10,
    ...options,
  });
  const apis: RunningApi[] = [];
  /**
   * Starts one more API on the same database and Temporal; no worker polls another task queue than
   * `bookings`.
   */
  const startApi = async ({
    taskQueue = 'bookings',
    client = shop.env.client,
  } = {}): Promise<RunningApi> => {
    const api = await serve({ db: shop.dbOf('api') }, client, taskQueue);
    apis.push(api);
    return api;
  };
  const api = await startApi();
  const workers: (() => Promise<void>)[] = [];
  return {
    ...shop,
    ...api,
    startApi,
    /**
     * Starts one more worker, on a task queue of its own and of a build if one is named; returns
     * how to stop it. Builds of earlier releases pinned their bookings.
     */
    async startWorker(
      taskQueue: string,
      deployment?: DeploymentConfig,
      { pins = false }: { pins?: boolean } = {},
    ): Promise<() => Promise<void>> {
      const worker = await Worker.create({
        connection: shop.env.nativeConnection,
        taskQueue,
        workflowBundle: await workflowBundle(),
        dataConverter: testWorkerDataConverter,
        activities: stepsOf({
          db: shop.dbOf('worker'),
          providers: createPaymentProviders(createSandboxGateway(shop.dbOf('sandbox'))),
          paymentWorkflows: createPaymentWorkflows(shop.env.client, taskQueue),
          paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
          limits: { ...LIMITS, maxOpenHoldsPerCustomer: 10 },
          workflows: createWorkflowLookup(shop.env.client),
        }),
        ...(pins ? pinning(deployment) : versioning(deployment)),
      });
      const done = worker.run();
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await done;
      };
      workers.push(stop);
      return stop;
    },
    /** Waits until so many claims queue for a customer who is locked out. */
    async claimsWaiting(count: number): Promise<void> {
      await waitUntil(async () => (await waitingLocks(shop.db)) === count, {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error(`There were never ${count} claims waiting`),
      });
    },
    /** Makes Temporal forget a booking's workflow, as it does when the retention has passed. */
    async forget({ workflowId }: { workflowId: string }): Promise<void> {
      const { workflow, workflowService } = shop.env.client;
      const handle = workflow.getHandle(workflowId);
      if (workflowId.startsWith(bookingWorkflowId(''))) {
        await untilSettled(shop.env.client, workflowId);
        // A sold booking's workflow stays open; it may also have ended.
        await handle.terminate().catch(() => undefined);
      } else await handle.result();
      const workflowExecution = { workflowId };
      await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
      const isForgotten = () =>
        handle.describe().then(
          () => false,
          (error: unknown) => error instanceof WorkflowNotFoundError,
        );
      await waitUntil(isForgotten, {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error(`Temporal did not forget ${workflowId}`),
      });
    },
    /** Waits until a booking is booked or cancelled, as its workflow says. */
    settled: ({ workflowId }: { workflowId: string }) => untilSettled(shop.env.client, workflowId),
    /** Moves a flight to depart so many minutes from now. */
    async reschedule({ id }: { id: string }, departsInMinutes: number): Promise<void> {
      const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
      await shop
        .db('flights')
        .where({ id })
        .update({ departure_at: at(departsInMinutes), arrival_at: at(departsInMinutes + 360) });
    },
    close: () =>
      expectQuietClose(apis, async () => {
        await Promise.all(workers.map((stop) => stop()));
        await shop.close();
      }),
  };
}

/** What builds of earlier releases declared. */
function pinning(deployment: DeploymentConfig): ReturnType<typeof versioning> {
  if (deployment === undefined) return {};
  return {
    workerDeploymentOptions: {
      version: deployment,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

async function untilSettled(client: Client, workflowId: string): Promise<BookingState> {
  return untilSeen(async () => {
    const state = await queryIfPossible(client.workflow.getHandle(workflowId), bookingState);
    return state !== undefined && ['booked', 'cancelled'].includes(state.status)
      ? state
      : undefined;
  });
}

async function waitingLocks(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ waiting: number }] }>(
    `SELECT count(*) AS waiting FROM pg_locks
     WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0].waiting;
}

export type Storefront = Awaited<ReturnType<typeof openStorefront>>;
export type ApiUnderTest = Awaited<ReturnType<typeof openApi>>;
