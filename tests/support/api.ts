import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import winston from 'winston';
import { mintToken } from '../../scripts/stack/mint';
import { createApp } from '../../src/api/app';
import { createBookingWorkflows } from '../../src/api/bookings/workflow';
import type { AuthConfig } from '../../src/config';
import type { Db } from '../../src/db/connection';
import { clientOf, type Client as ApiClient } from '../api/client';
import { createTestDatabase } from './database';
import { openShop, type ShopOptions } from './shop';
import { devServerEnvironment } from './temporal';

export const AUTH = {
  kind: 'secret',
  secret: 'a-secret-that-only-the-tests-know-of',
  issuer: 'https://issuer.example',
  audience: 'flight-bookings-tests',
} as const;

/** More than any suite asks for in a minute. */
const NO_LIMIT = 1_000_000;

interface Settings {
  auth: AuthConfig;
  rateLimitPerMinute: number;
}

/** An API that listens on a port of its own, as its clients find it. */
export interface RunningApi {
  url: string;
  anyone: ApiClient;
  /** Someone with a token of the given scope and, unless named, never seen before. */
  customer(sub?: string): Promise<ApiClient>;
  operator(): Promise<ApiClient>;
  /** Fails when the API has reported that someone must act: nothing that a client sends may bring that about. */
  close(): Promise<void>;
}

async function serve(
  db: Db,
  client: Client,
  taskQueue: string,
  settings: Partial<Settings> = {},
): Promise<RunningApi> {
  const alarms: unknown[] = [];
  const server = createServer(
    createApp({
      config: { auth: AUTH, rateLimitPerMinute: NO_LIMIT, trustedProxies: false, ...settings },
      db,
      workflows: createBookingWorkflows(client, taskQueue),
      logger: winston.createLogger({ transports: [alarmBell(alarms)] }),
      isTemporalReachable: () => Promise.resolve(true),
      isDraining: () => false,
    }),
  );
  const url = await listen(server);
  return {
    url,
    anyone: clientOf(url),
    customer: async (sub = `customer-${randomUUID()}`) => clientOf(url, await tokenOf({ sub })),
    operator: async () => clientOf(url, await tokenOf({ sub: 'operator-1', scope: 'operator' })),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      expect(alarms).toEqual([]);
    },
  };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Notes what is logged as an error, and keeps quiet about the rest. */
function alarmBell(alarms: unknown[]) {
  const stream = new Writable({
    objectMode: true,
    write: (line: unknown, _encoding, done) => {
      alarms.push(line);
      done();
    },
  });
  return new winston.transports.Stream({ level: 'error', stream });
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
export async function openFrontDesk(settings: Partial<Settings> = {}) {
  const database = await createTestDatabase();
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const apis: RunningApi[] = [];
  /** Starts one more API on the same database. */
  const startApi = async (more: Partial<Settings> = {}): Promise<RunningApi> => {
    const api = await serve(database.knex, new Client({ connection }), 'none', {
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
    startApi,
    close: async () => {
      await Promise.all(apis.map((one) => one.close()));
      await connection.close();
      await database.drop();
    },
  };
}

/** Everything for real: PostgreSQL, Temporal, a worker, and the API before them. */
export async function openStorefront(options: ShopOptions = {}) {
  const shop = await openShop(devServerEnvironment, { maxOpenHoldsPerCustomer: 10, ...options });
  const apis: RunningApi[] = [];
  /** Starts one more API on the same database and Temporal; no worker polls another task queue than `bookings`. */
  const startApi = async (taskQueue = 'bookings'): Promise<RunningApi> => {
    const api = await serve(shop.db, shop.env.client, taskQueue);
    apis.push(api);
    return api;
  };
  const api = await startApi();
  return {
    ...shop,
    ...api,
    startApi,
    close: async () => {
      await Promise.all(apis.map((one) => one.close()));
      await shop.close();
    },
  };
}

export type Storefront = Awaited<ReturnType<typeof openStorefront>>;
export type FrontDesk = Awaited<ReturnType<typeof openFrontDesk>>;
