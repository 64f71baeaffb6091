import { query } from '../../scripts/stack/postgres-cluster';
import { takeSteps } from '../../scripts/stack/steps';
import { bookingWorkflowId } from '../../src/temporal/contracts/booking';
import { chooseFlights } from '../lab/lab';
import { readHistories, type HistoryCosts } from '../measure/histories';
import { watchProcesses } from '../measure/processes';
import { measure, type Measurement } from '../measure/measure';
import { figuresOf } from '../report/figures';
import { rounded } from '../report/numbers';
import { withOurs, type Bench, type OurStack } from './bench';
import { openOnLab, writeOnLab } from './sell-on-lab';
import { step } from './step';
import type { Findings } from './workload';

const CLIENTS = 8;

/** So many seats of each flight at least: they leave some to those who buy meanwhile. */
const OF_FLIGHT = 60;

/** Of the large flights so many times the average is sold: small ones have fewer seats than that. */
const SHARE_OF_LARGE = 1.5;

/** Histories of so many are read: they are alike. */
const SAMPLE = 200;

/** What is kept of bookings that stay open. */
interface Kept {
  ourBytes: number;
  temporalBytes: number;
  /** Memory now, by part. */
  memory: Record<string, number>;
}

/** Workflows that were started one after another, and what is kept then. */
interface Started {
  count: number;
  seconds: number;
  kept: Kept;
}

/**
 * Bookings that are sold and wait for their departure: what they cost, and whom they slow down. A
 * quarter of them is looked at first: if the others cost as much each, so do more of them.
 */
export async function openBookings(bench: Bench): Promise<Findings> {
  return withOurs(bench, {}, async (stack) => {
    const { lab, system, shop, instruments } = stack;
    const { openBookings: count, rounds, warmUp, duration } = bench.options;
    const load = { clients: CLIENTS, warmUpSeconds: warmUp, seconds: duration };
    const [few, many]: [Measurement[], Measurement[]] = [[], []];
    const faults: string[] = [];
    let sold = 0;
    let bookings: string[] = [];
    let histories: HistoryCosts | undefined;
    const looks: Kept[] = [];
    const started: Started[] = [];
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
    const open = (title: string, part: () => string[]) =>
      step(title, async (say) => {
        const opened = part();
        const from = performance.now();
        await openOnLab(stack, opened, say);
        const seconds = (performance.now() - from) / 1000;
        started.push({ count: opened.length, seconds, kept: await look(stack) });
        return `${rounded(opened.length / seconds, 1)} a second`;
      });
    const quarter = Math.floor(count / 4);
    await takeSteps([
      ...buy(few, 'Few open bookings'),
      step(`${count} bookings are written`, async () => {
        looks.push(await look(stack));
        const flights = await chooseFlights(lab.cluster, Math.ceil((2 * count) / OF_FLIGHT));
        const ofFlight = Math.max(OF_FLIGHT, Math.ceil((SHARE_OF_LARGE * count) / flights.length));
        bookings = await writeOnLab(stack, { flights, count, ofFlight });
        looks.push(await look(stack));
        return undefined;
      }),
      open(`${quarter} workflows`, () => bookings.slice(0, quarter)),
      open(`${count - quarter} more`, () => bookings.slice(quarter)),
      step('Their histories', async () => {
        const some = bookings.slice(-SAMPLE).map(bookingWorkflowId);
        histories = await readHistories(instruments.temporal, some);
        return undefined;
      }),
      ...buy(many, `${count} open bookings`),
      step('Its auditor', async () => {
        faults.push(...(await system.audit(sold)));
        return undefined;
      }),
    ]);
    return findingsOf({ count, few, many, histories, looks, started, faults });
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
  /** Before the bookings are written, and after. */
  looks: Kept[];
  started: Started[];
  faults: string[];
}

const kb = (bytes: number) => rounded(bytes / 1024, 1);
const gbOf100000 = (bytes: number) => rounded((bytes * 1e5) / 2 ** 30, 2);

function findingsOf({ count, few, many, histories, looks, started, faults }: Observed): Findings {
  const [before, written] = looks;
  const [first, rest] = started;
  if (!before || !written || !first || !rest) throw new Error('Bug: nobody has looked');
  const grown = (of: (kept: Kept) => number, to: Kept, from: Kept) => of(to) - of(from);
  const temporal = ({ temporalBytes }: Kept) => temporalBytes;
  const ours = ({ ourBytes }: Kept) => ourBytes;
  const ofFirst = grown(temporal, first.kept, written) / first.count;
  const ofRest = grown(temporal, rest.kept, first.kept) / rest.count;
  const ofOurs = grown(ours, rest.kept, before) / count;
  const perSecond = (some: Started) => rounded(some.count / some.seconds, 1);
  const [one, other] = [few, many].map((rounds) => figuresOf(rounds));
  const workerMb = (rounds: readonly Measurement[]) =>
    Math.max(...rounds.map(({ usage }) => usage?.parts.worker?.peakResidentBytes ?? NaN)) / 2 ** 20;
  return {
    workload: 'open',
    notes: [
      `${count} sold bookings whose workflows wait for their departure, started as reconciliation ` +
        `restores them: the first quarter at ${perSecond(first)} a second, the others at ` +
        `${perSecond(rest)}. The history of each has ${histories?.events ?? '–'} events and ` +
        `${kb(histories?.bytes ?? NaN)} kB; one that was sold here keeps that of ` +
        `its sale, ${rounded(one?.historyKb?.median ?? NaN, 1)} kB. The last column is reckoned ` +
        `from the one before it. ${CLIENTS} clients bought in a closed loop before and after.`,
    ],
    tables: [
      [
        ['what is kept', 'kB of each of the first quarter', 'of the others', 'GB for 100,000'],
        ["Temporal's PostgreSQL, on the disk", kb(ofFirst), kb(ofRest), gbOf100000(ofRest)],
        ['our PostgreSQL, on the disk', kb(ofOurs), kb(ofOurs), gbOf100000(ofOurs)],
      ],
      [
        ['memory, MB', 'before', `with ${first.count}`, `with ${count}`],
        ...Object.keys(rest.kept.memory).map((part) => [
          part,
          ...[before, first.kept, rest.kept].map(({ memory }) =>
            Math.round((memory[part] ?? NaN) / 2 ** 20),
          ),
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
