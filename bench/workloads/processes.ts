import { workers } from '../../scripts/cluster/steps';
import { takeSteps } from '../../scripts/stack/steps';
import { measure, type Measurement } from '../measure/measure';
import { figuresOf } from '../report/figures';
import { rounded } from '../report/numbers';
import { withOurs, type Bench, type OurStack } from './bench';
import { step } from './step';
import type { Findings } from './workload';

const CLIENTS = 32;

const SECOND_WORKER = 'worker-2';

/** A number of processes of each kind, and what was measured with it. */
interface Size {
  apis: number;
  workers: number;
  rounds: Measurement[];
}

/**
 * One and two workers, one and two APIs. The second worker is started and ended in each round; the
 * second API runs throughout, and gets requests or none.
 */
export async function processes(bench: Bench): Promise<Findings> {
  return withOurs(bench, { size: { apis: 2, workers: 1 } }, async (stack) => {
    const sizes: Size[] = [1, 2].flatMap((workerCount) =>
      [1, 2].map((apis) => ({ apis, workers: workerCount, rounds: [] })),
    );
    const faults: string[] = [];
    let sold = 0;
    const measureWith = ({ apis, workers: count, rounds }: Size, round: number) =>
      step(`Round ${round}, APIs: ${apis}, workers: ${count}`, async () => {
        const { options } = bench;
        const { system, shop, instruments } = stack;
        const load = {
          clients: CLIENTS,
          warmUpSeconds: options.warmUp,
          seconds: options.duration,
        };
        const some = { ...shop, apiUrls: shop.apiUrls.slice(0, apis) };
        const sized = withWorkers(stack, count);
        const { measurement, sold: more } = await measure(sized, some, instruments, load);
        rounds.push(measurement);
        sold += more;
        faults.push(...Object.entries(measurement.errors).map(([code, n]) => `${code}: ${n}`));
        faults.push(...(await system.audit(sold)));
        return `${rounded(measurement.bookings / measurement.seconds, 1)} bookings/s`;
      });
    const one = sizes.filter(({ workers: count }) => count === 1);
    const two = sizes.filter(({ workers: count }) => count === 2);
    for (let round = 1; round <= bench.options.rounds; round += 1) {
      await takeSteps([
        ...one.map((size) => measureWith(size, round)),
        workers({ ...stack.lab.cluster, workers: [SECOND_WORKER] }, stack.lab.start),
        ...two.map((size) => measureWith(size, round)),
        step('The second worker ends', async () => {
          await stack.lab.stop(SECOND_WORKER);
          return undefined;
        }),
      ]);
    }
    return findingsOf(sizes, faults);
  });
}

/** Ours, with the second worker counted as part of it. */
function withWorkers({ system, lab }: OurStack, count: number): OurStack['system'] {
  const worker = [...lab.cluster.workers, SECOND_WORKER].slice(0, count);
  return { ...system, parts: { ...system.parts, worker } };
}

/** The mean share of all cores that was in use. */
function busyOf(rounds: readonly Measurement[]): number {
  const known = rounds.flatMap(({ usage }) => (usage === undefined ? [] : [usage.busy]));
  return known.reduce((sum, one) => sum + one, 0) / known.length;
}

function findingsOf(sizes: readonly Size[], faults: string[]): Findings {
  const rows = sizes
    .filter(({ rounds }) => rounds.length > 0)
    .map(({ apis, workers: count, rounds }) => {
      const { bookingsPerSecond, cpuMs } = figuresOf(rounds);
      return {
        apis,
        workers: count,
        perSecond: bookingsPerSecond.median,
        cpuMs: cpuMs.median,
        busy: busyOf(rounds),
      };
    });
  const base = rows[0];
  return {
    workload: 'processes',
    notes: [
      `${CLIENTS} clients in a closed loop. "Busy" is the share of all cores that was in use: ` +
        `where it is near 100 %, the cores are what limits, and more processes can't help.`,
    ],
    tables: [
      [
        ['APIs', 'workers', 'bookings/s', '÷ one of each', 'CPU ms per booking', 'busy'],
        ...rows.map((row) => [
          ...[row.apis, row.workers, rounded(row.perSecond, 1)],
          rounded(row.perSecond / (base?.perSecond ?? NaN), 2),
          ...[rounded(row.cpuMs, 1), `${Math.round(row.busy * 100)} %`],
        ]),
      ],
    ],
    bars: [],
    faults,
  };
}
