import { auditWhenSettled } from '../reliability/settled-audit';
import { operate } from './airline';
import { openArena, OPERATOR, PAYMENT_WINDOW_SECONDS, PROBES, type Arena } from './arena';
import { untilCalm } from './calm';
import { findFaketime } from './clock';
import { visit } from './customers';
import { readFinals, readProvidersBooks } from './final-reads';
import type { FaultKind, Run } from './history/format';
import { writeHistory, type HistoryWriter } from './history/write';
import { heal, playFaults, turns, type Reach } from './nemesis';
import { describeFlights, putFlightsOnSale, type OnSale } from './on-sale';
import { Opened } from './opened';
import type { Options } from './options';
import { keepOutcome } from './outcome';
import { planFaults, type PlannedFault } from './plan';
import { probe } from './probes';
import type { Market } from './shopper';
import { registerReceivers } from './registration';

/** The auditor's findings stay that long before they count. */
const FAULTS_STAY_MS = 20_000;

/**
 * Plays a whole run: starts the system, lets customers and the nemesis in, heals, waits for calm,
 * and reads what is there then. All of it is recorded in the folder: the system's logs, and what went
 * wrong (outcome.ts), too.
 *
 * @throws what it was stopped by, once everything is tidied up.
 */
export async function play(options: Options, folder: string, stopped: AbortSignal): Promise<void> {
  const opened = new Opened();
  try {
    const history = opened.add(writeHistory(folder), (one) => {
      one.close();
    });
    await playIn(await openArena(opened, history, options.customers), {
      options,
      history,
      stopped,
    });
  } finally {
    await opened.close();
  }
}

interface Playing {
  options: Options;
  history: HistoryWriter;
  stopped: AbortSignal;
}

async function playIn(arena: Arena, playing: Playing): Promise<void> {
  const { history, options, stopped } = playing;
  const { db, url, temporal } = arena;
  // When the history's clock was at 0.
  const startedAt = new Date(Date.now() - history.now()).toISOString();
  const onSale = await putFlightsOnSale(db, options.minutes);
  const flights = await describeFlights(url, onSale);
  const receivers = await registerReceivers(history, arena);

  const { healedAt, found: troubles } = await storm(arena, onSale, playing);
  stopped.throwIfAborted();

  const unhealthy = receivers.flatMap(({ isHealthy, endpointId }) =>
    isHealthy ? [] : [endpointId],
  );
  await untilCalm(db, unhealthy).catch((error: unknown) => {
    troubles.push((error as Error).message);
  });
  keepOutcome(history.folder, { troubles, violations: [] });
  const calmAt = history.now();
  console.log(`Calm after ${seconds(calmAt)}.`);

  const violations = await auditWhenSettled(db, temporal, FAULTS_STAY_MS);
  keepOutcome(history.folder, { troubles, violations });
  await readProvidersBooks(history, arena.cluster.processUrls.sandbox ?? arena.cluster.databaseUrl);
  await readFinals(history, {
    url,
    flightIds: onSale.flightIds,
    readers: await Promise.all(
      [PROBES, ...arena.clients].map(async (client) => ({
        client,
        token: await arena.tokenOf(client),
      })),
    ),
  });
  history.run({
    format: 1,
    seed: options.seed,
    minutes: options.minutes,
    startedAt,
    healedAt,
    calmAt,
    versions: { node: process.versions.node },
    customers: customersOf(arena),
    flights,
    receivers: receivers.map(({ endpointId: _, ...receiver }) => receiver),
    hasMails: true,
    deadlines: { paymentWindowSeconds: PAYMENT_WINDOW_SECONDS },
    parameters: { ...options },
  });
}

function customersOf({ clients }: Arena): Run['customers'] {
  return [
    ...[PROBES, ...clients].map((client) => ({
      client,
      sub: `customer-${client}`,
      role: 'customer' as const,
    })),
    { client: OPERATOR, sub: 'operator-1', role: 'operator' },
  ];
}

/**
 * Lets customers and the nemesis in, and makes everything whole again. Returns when that was, once
 * the last customer has left, and what went wrong with it.
 */
async function storm(
  arena: Arena,
  onSale: OnSale,
  { options: { seed, minutes }, history, stopped }: Playing,
): Promise<{ healedAt: number; found: string[] }> {
  const { system, cluster, toxiproxy, links, disk, temporal, url } = arena;
  const faketime = findFaketime();
  const leftOut: FaultKind[] = [];
  if (typeof disk === 'string') leftOut.push('disk-full');
  if (faketime === undefined) leftOut.push('clock');
  const durationMs = minutes * 60_000;
  const plan = planFaults(seed, durationMs, {
    parts: system.parts,
    workers: cluster.workers,
    links: links.names,
    leftOut,
  });
  printPlan(plan, leftOut);

  const weather = { isProviderStormy: false };
  const reach: Reach = {
    system,
    cluster,
    toxiproxy,
    links,
    faketime,
    weather,
    inTurn: turns(),
    disk: typeof disk === 'string' ? undefined : disk,
  };
  const beganAt = history.now();
  const elapsed = () => history.now() - beganAt;
  const isOpen = () => elapsed() < durationMs && !stopped.aborted;
  const market: Market = {
    network: () => onSale.networkAt(elapsed()),
    temporal,
    weather,
    recent: [],
    paymentEventsSecret: cluster.secrets.paymentEventsSecret,
  };
  const { searchPath, probeFlight: flightOf, timetable } = onSale;
  const traffic = Promise.all([
    ...arena.customers.map((client) =>
      visit(client, market, { seed: seed * 1_000 + client.client, isOpen }),
    ),
    operate(arena.operator, market, { timetable, seed, isOpen }),
    probe(history, arena.probing, { url, searchPath, flightOf, isOpen }),
  ]);
  const found = await playFaults(reach, plan, { history, stopped });
  await heal(reach).catch((error: unknown) => {
    found.push((error as Error).message);
  });
  const healedAt = history.now();
  await traffic;
  const leftAt = history.now();
  console.log(
    `Healed after ${seconds(healedAt)}, the last customer left after ${seconds(leftAt)}.`,
  );
  return { healedAt, found };
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
