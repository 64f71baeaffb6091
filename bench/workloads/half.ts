import type { ListrTask } from 'listr2';
import { takeSteps } from '../../scripts/stack/steps';
import { closedLoop, rateOf } from '../drive/closed-loop';
import { Purchases } from '../drive/purchases';
import { Times } from '../drive/times';
import type { Bar } from '../report/bars';
import { rounded } from '../report/numbers';
import type { PeerName, System, SystemName } from '../systems/system';
import { onLab, startSystems, type Bench, type Stack } from './bench';
import { step } from './step';
import type { Findings } from './workload';

const SYSTEMS: PeerName[] = ['ours', 'floor'];

/** Customers at once who show what a system's peak is. */
const PEAK_CLIENTS = 16;

const STEPS = ['create', 'pay'] as const;

/** Of one system: all rounds together, so that a p99 is of many purchases. */
interface Seen {
  peak: number;
  create: Times;
  pay: Times;
  lateness: Times;
  sold: number;
}

/**
 * Purchases at half of the rate that we can serve, for us and for the floor: how long a customer
 * waits when there is no queue.
 */
export async function half(bench: Bench): Promise<Findings> {
  return onLab(bench, {}, async (lab) => {
    const stack = await startSystems(lab, SYSTEMS);
    const seen = new Map(stack.systems.map((system) => [system, nothingSeen()]));
    const faults: string[] = [];
    await takeSteps(peakSteps(stack, seen, bench.options, faults));
    // Both get the same purchases a second, which both can serve.
    const rate = Math.min(...[...seen.values()].map(({ peak }) => peak)) / 2;
    await takeSteps(roundSteps(stack, seen, { ...bench.options, rate }, faults));
    return findingsOf(seen, rate, bench.options, faults);
  });
}

const nothingSeen = (): Seen => ({
  peak: 0,
  sold: 0,
  create: new Times(),
  pay: new Times(),
  lateness: new Times(),
});

type SeenOf = ReadonlyMap<System, Seen>;

function peakSteps(
  { goods }: Stack,
  seen: SeenOf,
  { warmUp, duration }: Bench['options'],
  faults: string[],
): ListrTask[] {
  return [...seen].map(([system, its]) =>
    step(`Peak of ${system.name}, ${PEAK_CLIENTS} clients`, async () => {
      const shop = { ...goods, apiUrls: system.apiUrls };
      const load = { clients: PEAK_CLIENTS, warmUpSeconds: warmUp, seconds: duration };
      const tally = await closedLoop(shop, load);
      its.peak = rateOf(tally);
      its.sold += tally.bookingsInAll;
      faults.push(...[...tally.errors].map(([code, n]) => `${system.name}: ${code}: ${n}`));
      return `${rounded(its.peak, 1)} bookings/s`;
    }),
  );
}

/** Each round has both systems, and the order turns. */
function roundSteps(
  { goods }: Stack,
  seen: SeenOf,
  { rate, rounds, duration }: Bench['options'] & { rate: number },
  faults: string[],
): ListrTask[] {
  const systems = [...seen];
  return Array.from({ length: rounds }, (_, round) =>
    (round % 2 === 0 ? systems : systems.toReversed()).map(([system, its]) =>
      step(`Round ${round + 1} of ${rounds}: ${system.name}`, async () => {
        const purchases = new Purchases({ ...goods, apiUrls: system.apiUrls });
        await purchases.run(rate, { seconds: duration });
        for (const name of STEPS) its[name].add(purchases[name].served);
        its.lateness.add(purchases.lateness);
        its.sold += purchases.sold;
        const found = await system.audit(its.sold);
        faults.push(...[...purchases.faults, ...found].map((one) => `${system.name}: ${one}`));
        const p50 = purchases.create.served.latency.p50Ms;
        return `create ${Math.round(p50)} ms, pay ${Math.round(purchases.pay.served.latency.p50Ms)} ms`;
      }),
    ),
  ).flat();
}

function findingsOf(
  seen: SeenOf,
  rate: number,
  { rounds, duration }: Bench['options'],
  faults: string[],
): Findings {
  const rows = [...seen].map(([{ name }, its]) => {
    const [create, pay] = [its.create.latency, its.pay.latency];
    const times = [create.p50Ms, create.p99Ms, pay.p50Ms, pay.p99Ms].map((ms) => rounded(ms, 1));
    return [
      name,
      rounded(its.peak, 1),
      pay.count,
      ...times,
      rounded(its.lateness.latency.p99Ms, 1),
    ];
  });
  const heads = ['peak/s', 'bookings', 'create p50 ms', 'p99', 'pay p50 ms', 'p99', 'late p99 ms'];
  return {
    workload: 'half',
    notes: [
      `Both systems got ${rounded(rate, 2)} purchases a second, half of the lower peak, ` +
        `in ${rounds} interleaved rounds of ${duration} s each. The figures are of all rounds.`,
    ],
    tables: [[['', ...heads], ...rows]],
    bars: barsOf(seen),
    faults,
  };
}

function barsOf(seen: SeenOf): Bar[] {
  const of = (wanted: SystemName) => [...seen].find(([{ name }]) => name === wanted)?.[1];
  const [ours, floor] = [of('ours'), of('floor')];
  return STEPS.flatMap((name) =>
    (['p50Ms', 'p99Ms'] as const).map((figure) => ({
      what: `${figure.slice(0, 3)} of a ${name} at half of the peak, ours ÷ floor`,
      value: (ours?.[name].latency[figure] ?? NaN) / (floor?.[name].latency[figure] ?? NaN),
      limit: { atMost: 1.4 },
    })),
  );
}
