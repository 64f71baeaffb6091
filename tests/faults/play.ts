import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { clusterSettings, planCluster } from '../../scripts/cluster/plan';
import { freePort } from '../../scripts/stack/ports';
import { mintToken } from '../../src/cli/mint';
import { connect } from '../../src/db/connection';
import type { Violation } from '../../src/temporal/contracts';
import { auditWhenSettled } from '../reliability/settled-audit';
import { TEST_KEY, testDataConverter } from '../support/encryption';
import { startToxiproxy } from '../support/toxiproxy';
import { operate } from './airline';
import { untilCalm } from './calm';
import { findFaketime } from './clock';
import { visit, type Market } from './customers';
import { openDisk } from './disk';
import { readFinals, readProvidersBooks } from './final-reads';
import type { FaultKind, Receiver, Run } from './history/format';
import { writeHistory, type HistoryWriter } from './history/write';
import { openLinks } from './links';
import { heal, playFaults, type Reach } from './nemesis';
import { putFlightsOnSale, type OnSale } from './on-sale';
import type { Options } from './options';
import { openOutside, type Outside } from './outside';
import { planFaults, type PlannedFault } from './plan';
import { probe } from './probes';
import { recordedClient, type RecordedClient } from './recorded-client';
import { openSystem } from './system';

/** Short, so that many holds come to their deadline while something is broken. */
const PAYMENT_WINDOW_SECONDS = 40;

/** The auditor's findings stay that long before they count. */
const FAULTS_STAY_MS = 20_000;

const PROBES = 0;
const OPERATOR = 100;

/** What a run came to, beside what it recorded. */
export interface Outcome {
  /** What the nemesis could not undo, or what did not come to its end. */
  troubles: string[];
  /** What our own auditor says. */
  violations: Violation[];
}

/** What was opened, to be closed in the opposite order. */
class Opened {
  readonly #closing: (() => unknown)[] = [];

  add<T>(opened: T, close: (opened: T) => unknown): T {
    this.#closing.push(() => close(opened));
    return opened;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.toReversed()) {
      try {
        await close();
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/**
 * Plays a whole run: starts the system, lets customers and the nemesis in, heals, waits for calm,
 * and reads what is there then. All of it is recorded in the folder, the system's logs too.
 */
export async function play(
  options: Options,
  folder: string,
  stopped: AbortSignal,
): Promise<Outcome> {
  const opened = new Opened();
  try {
    return await playIn(options, folder, { opened, stopped });
  } finally {
    await opened.close();
  }
}

async function playIn(
  options: Options,
  folder: string,
  { opened, stopped }: { opened: Opened; stopped: AbortSignal },
): Promise<Outcome> {
  const { seed, minutes } = options;
  const startedAt = new Date();
  const clients = Array.from({ length: options.customers }, (_, index) => index + 1);
  const dataDir = opened.add(
    mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-faults-')),
    (dir) => rmSync(dir, { recursive: true, force: true }),
  );
  const disk = await openDisk(dataDir);
  if (typeof disk !== 'string') opened.add(disk, () => disk.close());
  const logs = path.join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  opened.add(dataDir, () => {
    const written = path.join(dataDir, 'logs');
    if (existsSync(written)) cpSync(written, logs, { recursive: true });
  });
  const history = opened.add(writeHistory(folder), () => {
    history.close();
  });
  const outside = opened.add(await openOutside(history, [PROBES, ...clients]), () =>
    outside.close(),
  );
  const env = await environmentOf(dataDir, outside);
  const cluster = await planCluster(clusterSettings({ ...process.env, ...env }));
  const toxiproxy = opened.add(await startToxiproxy(), () => toxiproxy.stop());
  const links = await openLinks(toxiproxy, cluster, outside.ports);
  const system = opened.add(
    await openSystem(cluster, {
      environmentOf: (part) => ({
        ...(/^(api|worker)-/.test(part) ? LIMITS : {}),
        ...links.environmentOf(part),
      }),
      say: (part, line) => {
        appendFileSync(
          path.join(logs, 'console.log'),
          `${new Date().toISOString()} ${part} │ ${line}\n`,
        );
      },
    }),
    () => system.close(),
  );

  const db = opened.add(
    connect(cluster.databaseUrl, { applicationName: 'test', maxConnections: 4 }),
    () => db.destroy(),
  );
  const connection = opened.add(Connection.lazy({ address: cluster.temporalAddress }), () =>
    connection.close(),
  );
  const temporal = new TemporalClient({ connection, dataConverter: testDataConverter });

  const url = cluster.settings.apiUrl;
  const { issuer, audience } = cluster.settings;
  const keys = { secret: cluster.secrets.authJwtSecret, issuer, audience };
  const tokenOf = (sub: string, scope = 'bookings') =>
    mintToken(keys, { sub, scope, expiresIn: '24h' });
  const someone = async (client: number, through: string) =>
    recordedClient(history, { client, url: through, token: await tokenOf(`customer-${client}`) });
  const door = `http://127.0.0.1:${links.portOf('customers→proxy')}`;
  const customers = await Promise.all(clients.map((client) => someone(client, door)));
  const probing = await someone(PROBES, url);
  const operator = recordedClient(history, {
    ...{ client: OPERATOR, url: door, token: await tokenOf('operator-1', 'operator') },
  });

  const onSale = await putFlightsOnSale(db, minutes);
  const flights = await describeFlights(url, onSale);
  const receivers = await register(history, {
    outside,
    clients: [probing, ...customers],
    urlOf: (name) => `http://127.0.0.1:${links.portOf(`workers→${name}`)}/hooks`,
  });

  const faketime = findFaketime();
  const leftOut: FaultKind[] = [];
  if (typeof disk === 'string') leftOut.push('disk-full');
  if (faketime === undefined) leftOut.push('clock');
  const durationMs = minutes * 60_000;
  const plan = planFaults(seed, durationMs, {
    ...{ parts: system.parts, workers: cluster.workers, links: links.names, leftOut },
  });
  printPlan(plan, leftOut);

  const reach: Reach = {
    ...{ system, cluster, toxiproxy, links, faketime },
    disk: typeof disk === 'string' ? undefined : disk,
    weather: { isProviderStormy: false },
  };
  const beganAt = history.now();
  const elapsed = () => history.now() - beganAt;
  const isOpen = () => elapsed() < durationMs && !stopped.aborted;
  const market: Market = {
    network: () => onSale.networkAt(elapsed()),
    ...{ temporal, weather: reach.weather, recent: [] },
    paymentEventsSecret: cluster.secrets.paymentEventsSecret,
  };
  const troubles: string[] = [];
  const traffic = Promise.all([
    ...customers.map((client) =>
      visit(client, market, { seed: seed * 1_000 + client.client, isOpen }),
    ),
    operate(operator, market, { timetable: onSale.timetable, seed, isOpen }),
    probe(history, probing, {
      ...{ url, searchPath: onSale.searchPath, flightOf: onSale.probeFlight },
      isOpen,
    }),
  ]);
  troubles.push(...(await playFaults(reach, plan, { history, stopped })));
  await heal(reach).catch((error: unknown) => {
    troubles.push((error as Error).message);
  });
  const healedAt = history.now();
  await traffic;
  stopped.throwIfAborted();
  console.log(
    `Healed after ${seconds(healedAt)}, the last customer left after ${seconds(history.now())}.`,
  );

  const unhealthy = receivers.flatMap(({ isHealthy, endpointId }) =>
    isHealthy ? [] : [endpointId],
  );
  await untilCalm(db, unhealthy).catch((error: unknown) => {
    troubles.push((error as Error).message);
  });
  const calmAt = history.now();
  console.log(`Calm after ${seconds(calmAt)}.`);

  const violations = await auditWhenSettled(db, temporal, FAULTS_STAY_MS);
  await readProvidersBooks(history, cluster.processUrls.sandbox ?? cluster.databaseUrl);
  await readFinals(history, {
    url,
    readers: await Promise.all(
      [PROBES, ...clients].map(async (client) => ({
        client,
        token: await tokenOf(`customer-${client}`),
      })),
    ),
    flightIds: onSale.flightIds,
  });
  history.run({
    ...{ format: 1, seed, minutes, startedAt: startedAt.toISOString(), healedAt, calmAt },
    versions: { node: process.versions.node },
    customers: [
      ...[PROBES, ...clients].map((client) => ({
        ...{ client, sub: `customer-${client}`, role: 'customer' as const },
      })),
      { client: OPERATOR, sub: 'operator-1', role: 'operator' },
    ],
    flights,
    receivers: receivers.map(({ endpointId: _, ...receiver }) => receiver),
    hasMails: true,
    deadlines: { paymentWindowSeconds: PAYMENT_WINDOW_SECONDS },
    parameters: { ...options, leftOut },
  });
  return { troubles, violations };
}

/** What processes of ours are told beside: a few customers do all the time what others rarely do. */
const LIMITS = {
  PAYMENT_WINDOW_SECONDS: String(PAYMENT_WINDOW_SECONDS),
  MAX_OPEN_HOLDS_PER_CUSTOMER: '1000',
  MAX_UNPAID_HOLDS_PER_FLIGHT: '1000000',
  MAX_UNPAID_HOLDS_PER_DAY: '1000000',
  MAX_DECLINES_PER_HOUR: '1000000',
  RATE_LIMIT_PER_MINUTE: '1000000',
};

/** Settings of the cluster, with ports of its own. */
async function environmentOf(dataDir: string, outside: Outside): Promise<NodeJS.ProcessEnv> {
  return {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    POSTGRES_PORT: String(await freePort()),
    TEMPORAL_PORT: String(await freePort()),
    TEMPORAL_UI_PORT: String(await freePort()),
    SMTP_URL: `smtp://127.0.0.1:${outside.mailPort}`,
    SCHEDULE_DAYS: '1',
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
  };
}

/** Asks for what is on sale, before anybody has bought anything. */
async function describeFlights(url: string, { flightIds, timetable }: OnSale) {
  const get = async <T>(target: string) => (await (await fetch(url + target)).json()) as T;
  const described: Run['flights'] = [];
  for (const flightId of flightIds) {
    const of = `/api/v1/flights/${flightId}`;
    const { seats } = await get<{ seats: { seatNumber: string; cabin: string }[] }>(`${of}/seats`);
    const { cabins } = await get<{ cabins: { price: { amount: number; currency: string } }[] }>(of);
    const capacity: Record<string, string[]> = {};
    for (const { seatNumber, cabin } of seats) (capacity[cabin] ??= []).push(seatNumber);
    const departsAt = timetable.get(flightId)?.departureAt.toISOString() ?? '';
    const price = cabins[0]?.price;
    described.push({ flightId, capacity, departsAt, ...(price === undefined ? {} : { price }) });
  }
  return described;
}

/** Every customer registers their receivers. */
async function register(
  history: HistoryWriter,
  {
    outside,
    clients,
    urlOf,
  }: { outside: Outside; clients: RecordedClient[]; urlOf: (name: string) => string },
): Promise<(Receiver & { endpointId: string })[]> {
  const registered: (Receiver & { endpointId: string })[] = [];
  for (const { name, client: number, isHealthy } of outside.receivers) {
    const client = clients.find((one) => one.client === number);
    const reply = await client?.send<{ id: string; secret: string }>({
      ...{ kind: 'register_receiver', method: 'POST', path: '/api/v1/webhook-endpoints' },
      ...{ key: `receiver-${name}`, body: { url: urlOf(name) } },
    });
    if (reply?.status !== 201) throw new Error(`The receiver ${name} was not registered`);
    const { id: endpointId, secret } = reply.body;
    const registeredAt = history.now();
    registered.push({
      ...{ name, client: number, secrets: [secret], isHealthy, registeredAt, endpointId },
    });
  }
  return registered;
}

function printPlan(plan: readonly PlannedFault[], leftOut: readonly FaultKind[]): void {
  console.log(`${plan.length} faults:`);
  for (const { id, atMs, kind, target, lastsMs, details } of plan) {
    const more = Object.entries(details).map(([name, value]) => `${name} ${value}`);
    console.log(
      `${seconds(atMs).padStart(8)}  ${id.padEnd(10)} ${kind.padEnd(14)} ${target.padEnd(28)} ` +
        `${seconds(lastsMs).padStart(6)}  ${more.join(', ')}`,
    );
  }
  if (leftOut.length > 0) console.log(`This machine can't have: ${leftOut.join(', ')}.`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
