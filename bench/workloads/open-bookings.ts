import { query } from '../../scripts/stack/postgres-cluster';
import { takeSteps } from '../../scripts/stack/steps';
import { bookingWorkflowId } from '../../src/temporal/contracts';
import { readHistories, type HistoryCosts } from '../measure/histories';
import { watchProcesses } from '../measure/processes';
import { measure, type Measurement } from '../measure/measure';
import { figuresOf } from '../report/figures';
import { rounded } from '../report/numbers';
import { withOurs, type Bench, type OurStack } from './bench';
import { sellOnLab } from './sell-on-lab';
import { step } from './step';
import type { Findings } from './workload';

const CLIENTS = 8;

/** So many seats of each flight leave some to those who buy meanwhile. */
const OF_FLIGHT = 60;

/** Histories of so many are read: they are alike. */
const SAMPLE = 200;

/** What is kept of bookings that stay open. */
interface Kept {
  ourBytes: number;
  temporalBytes: number;
  /** Memory now, by part. */
  memory: Record<string, number>;
}

/** Bookings that are sold and wait for their departure: what they cost, and whom they slow down. */
export async function openBookings(bench: Bench): Promise<Findings> {
  return withOurs(bench, {}, async (stack) => {
    const { lab, system, shop, instruments } = stack;
    const { openBookings: count, rounds, warmUp, duration } = bench.options;
    const load = { clients: CLIENTS, warmUpSeconds: warmUp, seconds: duration };
    const [few, many]: [Measurement[], Measurement[]] = [[], []];
    const faults: string[] = [];
    let sold = 0;
    let histories: HistoryCosts | undefined;
    let [before, after]: (Kept | undefined)[] = [];
    let seconds = 0;
    const buy = (into: Measurement[], title: string) =>
      Array.from({ length: rounds }, (_, round) =>
        step(`${title}, round ${round + 1} of ${rounds}`, async () => {
          const { measurement, sold: more } = await measure(system, shop, instruments, load);
          into.push(measurement);
          sold += more;
          faults.push(...Object.entries(measurement.errors).map(([code, n]) => `${code}: ${n}`));
          return `${rounded(measurement.bookings / measurement.seconds, 1)} bookings/s`;
        }),
      );
    await takeSteps([
      ...buy(few, 'Few open bookings'),
      step(`${count} open bookings`, async (say) => {
        before = await look(stack);
        const from = performance.now();
        const bookings = await sellOnLab(
          stack,
          { flights: lab.flights, count, ofFlight: OF_FLIGHT },
          say,
        );
        seconds = (performance.now() - from) / 1000;
        const some = bookings.slice(0, SAMPLE).map(bookingWorkflowId);
        histories = await readHistories(instruments.temporal, some);
        after = await look(stack);
        return `${rounded(count / seconds, 1)} a second`;
      }),
      ...buy(many, `${count} open bookings`),
      step('Its auditor', async () => {
        faults.push(...(await system.audit(sold)));
        return undefined;
      }),
    ]);
    return findingsOf({ count, few, many, histories, before, after, seconds, faults });
  });
}

/** Looks at what is kept, once it is written. */
async function look({ lab, system }: OurStack): Promise<Kept> {
  const sizeOf = async (url: string | undefined, name: string) => {
    if (url === undefined) return NaN;
    await query(url, 'CHECKPOINT');
    const [found] = await query<{ bytes: string }>(
      url,
      `SELECT sum(pg_database_size(datname)) AS bytes FROM pg_database WHERE datname LIKE '${name}%'`,
    );
    return Number(found?.bytes);
  };
  const watch = watchProcesses(lab.cluster.settings.runDir, system.parts);
  const { parts = {} } = watch?.finish() ?? {};
  return {
    ourBytes: await sizeOf(lab.postgresUrl, 'flight_bookings'),
    temporalBytes: await sizeOf(lab.temporalPostgresUrl, 'temporal'),
    memory: Object.fromEntries(
      Object.entries(parts).map(([part, usage]) => [part, usage?.peakResidentBytes ?? NaN]),
    ),
  };
}

interface Observed {
  count: number;
  few: Measurement[];
  many: Measurement[];
  histories: HistoryCosts | undefined;
  before: Kept | undefined;
  after: Kept | undefined;
  seconds: number;
  faults: string[];
}

function findingsOf(observed: Observed): Findings {
  const { count, few, many, histories, before, after, seconds, faults } = observed;
  const ofHundredThousand = (bytes: number) => rounded(((bytes / count) * 1e5) / 2 ** 30, 2);
  const kb = (bytes: number) => rounded(bytes / count / 1024, 1);
  const grown = (of: (kept: Kept) => number) =>
    before === undefined || after === undefined ? NaN : of(after) - of(before);
  const sizes: [string, number][] = [
    ["Temporal's PostgreSQL, on the disk", grown(({ temporalBytes }) => temporalBytes)],
    ['our PostgreSQL, on the disk', grown(({ ourBytes }) => ourBytes)],
  ];
  const [one, other] = [few, many].map((rounds) => figuresOf(rounds));
  const workerMb = (rounds: readonly Measurement[]) =>
    Math.max(...rounds.map(({ usage }) => usage?.parts.worker?.peakResidentBytes ?? NaN)) / 2 ** 20;
  return {
    workload: 'open',
    notes: [
      `${count} sold bookings whose workflows wait for their departure, started at ` +
        `${rounded(count / seconds, 1)} a second as reconciliation restores them. The history of ` +
        `each has ${histories?.events ?? '–'} events and ` +
        `${rounded((histories?.bytes ?? NaN) / 1024, 1)} kB; one that was sold here keeps that of ` +
        `its sale, ${rounded(one?.historyKb?.median ?? NaN, 1)} kB. The last column is reckoned ` +
        `from the one before it. ${CLIENTS} clients bought in a closed loop before and after.`,
    ],
    tables: [
      [
        ['what is kept', 'kB for each', 'GB for 100,000'],
        ...sizes.map(([what, bytes]) => [what, kb(bytes), ofHundredThousand(bytes)]),
      ],
      [
        ['memory, MB', 'before', 'after'],
        ...Object.keys(after?.memory ?? {}).map((part) => [
          part,
          ...[before, after].map((kept) => Math.round((kept?.memory[part] ?? NaN) / 2 ** 20)),
        ]),
      ],
      [
        ['open bookings', 'bookings/s', 'CPU ms per booking', 'worker MB'],
        ...[['few', one, few] as const, [count, other, many] as const].map(
          ([name, figures, rounds]) => [
            name,
            rounded(figures?.bookingsPerSecond.median ?? NaN, 1),
            rounded(figures?.cpuMs.median ?? NaN, 1),
            Math.round(workerMb(rounds)),
          ],
        ),
      ],
    ],
    bars: [
      {
        what: `CPU per booking, ${count} open bookings ÷ few`,
        value: (other?.cpuMs.median ?? NaN) / (one?.cpuMs.median ?? NaN),
        limit: { atMost: 1.2 },
      },
      {
        what: `memory of the worker, ${count} open bookings ÷ few`,
        value: workerMb(many) / workerMb(few),
        limit: { atMost: 1.2 },
      },
    ],
    faults,
  };
}
