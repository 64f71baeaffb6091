import { takeSteps } from '../../scripts/stack/steps';
import type { Errand } from '../drive/crowd';
import { measure, type Measurement } from '../measure/measure';
import { figuresOf, ownOf, type Figures } from '../report/figures';
import { rounded } from '../report/numbers';
import type { Table } from '../report/tables';
import type { Bench, OurStack } from './bench';
import { step } from './step';

/** One of the kinds of purchases that are compared; one seat is bought where nothing is said. */
export interface Kind {
  name: string;
  errand?: Errand;
}

export type FiguresOfKind = Figures & { name: string };

/**
 * Lets 16 clients buy, each kind in turn, in interleaved rounds. Returns what each kind cost, and
 * what went wrong or what the auditor found.
 */
export async function measureKinds(
  { options: { rounds, warmUp, duration } }: Bench,
  { system, shop, instruments }: OurStack,
  kinds: readonly Kind[],
): Promise<{ figures: FiguresOfKind[]; faults: string[] }> {
  const measured = new Map<Kind, Measurement[]>(kinds.map((kind) => [kind, []]));
  const faults: string[] = [];
  let sold = 0;
  const buy = (kind: Kind, round: number) =>
    step(`Round ${round} of ${rounds}: ${kind.name}`, async () => {
      const load = {
        clients: CLIENTS,
        warmUpSeconds: warmUp,
        seconds: duration,
        ...(kind.errand && { errand: kind.errand }),
      };
      const { measurement, sold: more } = await measure(system, shop, instruments, load);
      measured.get(kind)?.push(measurement);
      sold += more;
      faults.push(...Object.entries(measurement.errors).map(([code, n]) => `${code}: ${n}`));
      return `${rounded(measurement.bookings / measurement.seconds, 1)} bookings/s`;
    });
  await takeSteps([
    ...Array.from({ length: rounds }, (_, round) =>
      kinds.map((kind) => buy(kind, round + 1)),
    ).flat(),
    step('Its auditor', async () => {
      faults.push(...(await system.audit(sold)));
      return undefined;
    }),
  ]);
  return {
    figures: [...measured].map(([{ name }, own]) => ({ name, ...figuresOf(own) })),
    faults,
  };
}

export const CLIENTS = 16;

/** Returns the tables of the kinds, a row for each. `what` stands above their names. */
export function tablesOfKinds(what: string, figures: readonly FiguresOfKind[]): Table[] {
  const parts = Object.keys(figures[0]?.cpuMsByPart ?? {});
  return [
    [
      [what, 'bookings/s', 'create p50 ms', 'p99', 'pay p50 ms', 'p99', 'events', 'history kB'],
      ...figures.map((row) => [
        ...[row.name, rounded(row.bookingsPerSecond.median, 1)],
        ...[row.createP50Ms, row.createP99Ms, row.payP50Ms, row.payP99Ms].map(({ median }) =>
          Math.round(median),
        ),
        ...[row.events?.median ?? NaN, rounded(row.historyKb?.median ?? NaN, 1)],
      ]),
    ],
    [
      ['CPU ms per booking', 'all', ...parts, 'statements', 'WAL kB'],
      ...figures.map((row) => [
        ...[row.name, rounded(row.cpuMs.median, 1)],
        ...parts.map((part) => rounded(row.cpuMsByPart[part]?.median ?? NaN, 1)),
        ...[rounded(ownOf(row.statementsByRole), 1), rounded(row.walKb.median, 1)],
      ]),
    ],
  ];
}

/** What a booking of one kind costs, as a multiple of another's. */
export function cpuRatio(one?: FiguresOfKind, other?: FiguresOfKind): number {
  return (one?.cpuMs.median ?? NaN) / (other?.cpuMs.median ?? NaN);
}
