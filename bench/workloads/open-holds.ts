import { takeSteps } from '../../scripts/stack/steps';
import { makeHolds } from '../drive/holds';
import { measure, type Measurement } from '../measure/measure';
import type { Bar } from '../report/bars';
import { figuresOf } from '../report/figures';
import { rounded, spreadOf } from '../report/numbers';
import { withOurs, type Bench } from './bench';
import { step } from './step';
import type { Findings } from './workload';

/** Those who make holds, and those who buy while they are open. */
const CLIENTS = 16;
const FOREGROUND_CLIENTS = 8;

/** Nothing is sold out, and no hold ends meanwhile. */
const ENV = { PAYMENT_WINDOW_SECONDS: '86400' };

/** What was measured with so many holds open. */
interface Stage {
  holds: number;
  rounds: Measurement[];
}

/** A foreground of purchases, with few and with many holds open. */
export async function openHolds(bench: Bench): Promise<Findings> {
  return withOurs(bench, { env: () => ENV }, async ({ system, shop, instruments }) => {
    const { options } = bench;
    const stages: Stage[] = options.openHolds.map((holds) => ({ holds, rounds: [] }));
    const faults: string[] = [];
    const load = {
      clients: FOREGROUND_CLIENTS,
      warmUpSeconds: options.warmUp,
      seconds: options.duration,
    };
    let made = 0;
    let sold = 0;
    const steps = stages.flatMap(({ holds, rounds }) => [
      step(`${holds} open holds`, async (say) => {
        const more = { count: holds - made, clients: CLIENTS };
        await makeHolds(shop, more, (count) => {
          if (count % 100 === 0) say(`${made + count} of ${holds}`);
        });
        made = holds;
        return undefined;
      }),
      ...Array.from({ length: options.rounds }, (_, round) =>
        step(`${holds} open holds, round ${round + 1} of ${options.rounds}`, async () => {
          const { measurement, sold: more } = await measure(system, shop, instruments, load);
          rounds.push(measurement);
          sold += more;
          faults.push(...Object.entries(measurement.errors).map(([code, n]) => `${code}: ${n}`));
          return `${rounded(measurement.bookings / measurement.seconds, 1)} bookings/s`;
        }),
      ),
    ]);
    await takeSteps([
      ...steps,
      step('Its auditor', async () => {
        faults.push(...(await system.audit(sold)));
        return undefined;
      }),
    ]);
    return findingsOf(stages, faults);
  });
}

function findingsOf(stages: readonly Stage[], faults: string[]): Findings {
  const rows = stages.map(({ holds, rounds }) => ({ holds, ...figuresWithMemory(rounds) }));
  return {
    workload: 'holds',
    notes: [
      `${FOREGROUND_CLIENTS} clients bought seats in a closed loop while so many holds were open. ` +
        `Medians of the rounds; memory is the most that the worker's process had.`,
    ],
    tables: [
      [
        ['open holds', 'bookings/s', 'p50 ms', 'p99', 'CPU ms per booking', 'worker MB'],
        ...rows.map(({ holds, perSecond, p50Ms, p99Ms, cpuMs, workerMb }) => [
          ...[holds, rounded(perSecond, 1), Math.round(p50Ms), Math.round(p99Ms)],
          ...[rounded(cpuMs, 1), Math.round(workerMb)],
        ]),
      ],
    ],
    bars: barsOf(rows),
    faults,
  };
}

type Row = { holds: number } & ReturnType<typeof figuresWithMemory>;

function figuresWithMemory(rounds: readonly Measurement[]) {
  const median = (of: (round: Measurement) => number) => spreadOf(rounds.map(of))?.median ?? NaN;
  const workerBytes = rounds.map(({ usage }) => usage?.parts.worker?.peakResidentBytes ?? NaN);
  return {
    perSecond: median(({ bookings, seconds }) => bookings / seconds),
    p50Ms: median(({ latency }) => latency.both.p50Ms),
    p99Ms: median(({ latency }) => latency.both.p99Ms),
    cpuMs: rounds.length === 0 ? NaN : figuresOf(rounds).cpuMs.median,
    workerMb: Math.max(...workerBytes) / 2 ** 20,
  };
}

function barsOf(rows: readonly Row[]): Bar[] {
  const [few, many] = [rows[0], rows.at(-1)];
  if (few === undefined || many === undefined) return [];
  const between = `${many.holds} open holds ÷ ${few.holds}`;
  return [
    {
      what: `p50 of a purchase, ${between}`,
      value: many.p50Ms / few.p50Ms,
      limit: { atMost: 1.2 },
    },
    {
      what: `CPU per booking, ${between}`,
      value: many.cpuMs / few.cpuMs,
      limit: { atMost: 1.2 },
    },
    {
      what: `memory of the worker, ${between}`,
      value: many.workerMb / few.workerMb,
      limit: { atMost: 1.2 },
    },
  ];
}
