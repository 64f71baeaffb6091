import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { Crowd, type Errand } from '../drive/crowd';
import type { Shop } from '../drive/customer';
import { STEPS, Tally, type Step } from '../drive/tally';
import type { Latency } from '../drive/times';
import type { System, SystemName } from '../systems/system';
import { readHistories, type HistoryCosts } from './histories';
import { watchProcesses, type Usage } from './processes';
import { counted, type CounterReader, type ServerCounters } from './server-counters';

export interface Load {
  clients: number;
  warmUpSeconds: number;
  seconds: number;
  /** What they do; one seat of one flight is bought where nothing is said. */
  errand?: Errand;
}

/** One system in one round. */
export interface Measurement {
  system: SystemName;
  clients: number;
  seconds: number;
  bookings: number;
  latency: Record<Step, Latency>;
  errors: Record<string, number>;
  usage: Usage | undefined;
  /** What our PostgreSQL did for it, and Temporal's. */
  postgres: ServerCounters;
  temporalPostgres: ServerCounters;
  histories: HistoryCosts | undefined;
}

/** What looks at the servers while systems are measured. */
export interface Instruments {
  runDir: string;
  temporal: Client;
  /** Of our PostgreSQL, by system. */
  postgres: Partial<Record<SystemName, CounterReader>>;
  /** Undefined with Temporal's dev server. */
  temporalPostgres: CounterReader | undefined;
}

/** Lets customers buy for a while, and reads what that cost. */
export async function measure(
  system: System,
  shop: Shop,
  instruments: Instruments,
  { clients, warmUpSeconds, seconds, errand }: Load,
): Promise<{ measurement: Measurement; sold: number }> {
  const tally = new Tally();
  const crowd = new Crowd(shop, tally, clients, errand);
  await sleep(warmUpSeconds * 1000);
  const read = async () => ({
    postgres: await instruments.postgres[system.name]?.read(),
    temporalPostgres: await instruments.temporalPostgres?.read(),
  });
  const before = await read();
  const watch = watchProcesses(instruments.runDir, system.parts);
  tally.begin();
  await sleep(seconds * 1000);
  tally.end();
  const usage = watch?.finish();
  const after = await read();
  await crowd.goHome();

  const { workflowId, temporalNamespace: namespace } = system;
  const { temporal } = instruments;
  const client =
    namespace === undefined ? temporal : new Client({ connection: temporal.connection, namespace });
  const workflows = workflowId === undefined ? [] : tally.bookingIds.map(workflowId);
  const measurement: Measurement = {
    system: system.name,
    clients,
    seconds: tally.seconds,
    bookings: tally.bookingIds.length,
    latency: Object.fromEntries(
      STEPS.map((step) => [step, tally.latencyOf(step)]),
    ) as Measurement['latency'],
    errors: Object.fromEntries(tally.errors),
    usage,
    postgres: counted(before.postgres ?? NOTHING, after.postgres ?? NOTHING),
    temporalPostgres: counted(
      before.temporalPostgres ?? NOTHING,
      after.temporalPostgres ?? NOTHING,
    ),
    histories: await readHistories(client, workflows),
  };
  return { measurement, sold: tally.bookingsInAll };
}

const NOTHING: ServerCounters = { transactions: 0, walBytes: 0, statements: {}, commits: {} };
