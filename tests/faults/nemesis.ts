import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Cluster } from '../../scripts/cluster/plan';
import { describeError } from '../../scripts/stack/failure';
import type { Toxiproxy } from '../support/toxiproxy';
import { clockAhead } from './clock';
import type { Disk } from './disk';
import type { HistoryWriter } from './history/write';
import type { Links } from './links';
import type { PlannedFault } from './plan';
import type { System } from './system';
import { toxicsOf, type PlacedToxic } from './toxics';

/** What the nemesis has in its hands. */
export interface Reach {
  system: System;
  cluster: Cluster;
  toxiproxy: Toxiproxy;
  links: Links;
  /** Undefined where it can't be had: no such fault is planned then. */
  disk: Disk | undefined;
  faketime: string | undefined;
  /** What customers pay with, see customers.ts. */
  weather: Weather;
  /** Does what restarts processes when nobody else does: an orchestrator is one. */
  inTurn(work: () => Promise<void>): Promise<void>;
}

/** Returns what lets one work begin when the one before has ended, however it did. */
export function turns(): Reach['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** What customers come upon that is nobody's fault. */
export interface Weather {
  /** Whether the provider fails, and is slow, with every card. */
  isProviderStormy: boolean;
}

/** Begins a fault; returns how it ends. What it hit runs again once that is fulfilled. */
type Fault = (reach: Reach, plan: PlannedFault) => Promise<() => Promise<void>>;

const FAULTS: Record<PlannedFault['kind'], Fault> = {
  kill: ({ system }, { target }) => {
    return ended(system.kill(target));
  },
  stop: ({ system }, { target }) => {
    const thaw = system.freeze(target);
    return ended(async () => {
      thaw();
      await system.untilServing(target);
    });
  },
  latency: poison,
  bandwidth: poison,
  reset: poison,
  'half-open': poison,
  'cut-before': poison,
  'cut-after': poison,
  'disk-full': async ({ disk, system }) => {
    await disk?.fillUp();
    return async () => {
      await disk?.makeRoom();
      for (const part of system.parts) await system.untilServing(part);
    };
  },
  clock: async ({ system, faketime = '', inTurn }, { target, details }) => {
    const clock = clockAhead(faketime, Number(details.seconds));
    await inTurn(() => system.restart(target, { clock }));
    return () => inTurn(() => system.restart(target, { clock: {} }));
  },
  'provider-storm': async (reach, plan) => {
    const clearUp = await poison(reach, plan);
    reach.weather.isProviderStormy = true;
    return async () => {
      reach.weather.isProviderStormy = false;
      await clearUp();
    };
  },
  pool: async ({ cluster }, { details }) =>
    details.how === 'locks' ? lockSeats(cluster.databaseUrl) : takeConnections(cluster),
  scale: async ({ system, cluster: { workers }, inTurn }) => {
    const all = (change: (worker: string) => Promise<void>) =>
      inTurn(async () => {
        await Promise.all(workers.map(change));
      });
    await all((worker) => system.stop(worker));
    return () => all((worker) => system.start(worker));
  },
  rollout: (reach, { details }) => release(reach, String(details.build)),
  rollback: (reach, { details }) => release(reach, String(details.build)),
};

function ended(end: () => Promise<void>): Promise<() => Promise<void>> {
  return Promise.resolve(end);
}

/** Adds a fault's toxics, all of them or none. */
async function poison({ toxiproxy, links }: Reach, plan: PlannedFault) {
  const added: PlacedToxic[] = [];
  const clearUp = async () => {
    for (const { link, toxic } of added) await toxiproxy.remove(link, toxic.name);
  };
  try {
    for (const placed of toxicsOf(plan, links.names)) {
      await toxiproxy.add(placed.link, placed.toxic);
      added.push(placed);
    }
  } catch (error) {
    await clearUp();
    throw error;
  }
  return clearUp;
}

/** Every request that touches a seat then holds its connection, and waits. */
async function lockSeats(databaseUrl: string) {
  const client = await connected(databaseUrl);
  await client.query('BEGIN');
  await client.query('LOCK TABLE seats IN ACCESS EXCLUSIVE MODE');
  return async () => {
    await client.end().catch(() => undefined);
  };
}

/** As many as the server lets anybody have. */
async function takeConnections({ processUrls, databaseUrl }: Cluster) {
  const taken: Client[] = [];
  try {
    for (;;) taken.push(await connected(processUrls.api ?? databaseUrl));
  } catch {
    // There are no more.
  }
  return async () => {
    await Promise.all(taken.map((client) => client.end().catch(() => undefined)));
  };
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Whoever kills the server breaks this connection, too.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A build of the workers takes the place of another one, process by process; the APIs follow. */
async function release({ system, cluster, inTurn }: Reach, build: string) {
  const [first, ...others] = cluster.workers;
  const different = { build: { WORKER_BUILD_ID: build } };
  await inTurn(async () => {
    if (first !== undefined) await system.restart(first, different);
    await untilPromoted(system, build);
    for (const worker of others) await system.restart(worker, different);
    for (const { name } of cluster.apis) await system.restart(name);
  });
  return () => Promise.resolve();
}

/** Temporal may be broken at this moment. */
async function untilPromoted(system: System, build: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await system.promote(build);
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(2_000);
    }
  }
}

/**
 * Carries out the plan, each fault at its time; fulfilled when the last one has ended. Returns what
 * could not be done, or did not end as it should.
 */
export async function playFaults(
  reach: Reach,
  plan: readonly PlannedFault[],
  { history, stopped }: { history: HistoryWriter; stopped: AbortSignal },
): Promise<string[]> {
  const beganAt = history.now();
  const troubles: string[] = [];
  // Each fault waits for it.
  setMaxListeners(0, stopped);
  await Promise.all(
    plan.map(async (fault) => {
      const { id, kind, target, atMs, lastsMs, details } = fault;
      const dueIn = beganAt + atMs - history.now();
      if (!(await slept(dueIn, stopped))) return;
      history.fault({ id, kind, target, details, event: 'begun' });
      try {
        const end = await FAULTS[kind](reach, fault);
        await slept(lastsMs, stopped);
        await end();
      } catch (error) {
        troubles.push(`${id}, ${kind} of ${target}: ${describeError(error)}`);
      }
      history.fault({ id, kind, target, details: {}, event: 'ended' });
    }),
  );
  return troubles;
}

/** Returns whether the time has passed; false if it was cut short. */
async function slept(milliseconds: number, stopped: AbortSignal): Promise<boolean> {
  return sleep(Math.max(0, milliseconds), true, { signal: stopped }).catch(() => false);
}

/** Makes whole whatever is still broken, and waits until every part serves. */
export async function heal({ system, toxiproxy, disk, weather }: Reach): Promise<void> {
  weather.isProviderStormy = false;
  await toxiproxy.repair();
  await disk?.makeRoom();
  for (const part of system.parts) await system.untilServing(part);
}
