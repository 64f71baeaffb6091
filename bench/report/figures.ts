import type { Measurement } from '../measure/measure';
import type { SystemName } from '../systems/system';
import { RATE_LIMITS } from '../measure/server-counters';
import { spreadOf, type Spread } from './numbers';

/** What is told of a system: of each figure the median of the rounds, and their range. */
export interface Figures {
  system: SystemName;
  clients: number;
  rounds: number;
  bookingsPerSecond: Spread;
  createP50Ms: Spread;
  createP99Ms: Spread;
  payP50Ms: Spread;
  payP99Ms: Spread;
  /** Per booking: all parts, and each by its name. */
  cpuMs: Spread;
  cpuMsByPart: Record<string, Spread>;
  /** Per booking, on our PostgreSQL. */
  transactions: Spread;
  walKb: Spread;
  statementsByRole: Record<string, Spread>;
  commitsByRole: Record<string, Spread>;
  /** Per booking, on Temporal's. */
  temporalTransactions: Spread;
  temporalWalKb: Spread;
  /** Per booking, in Temporal. */
  events: Spread | undefined;
  stateTransitions: Spread | undefined;
  workflowTasks: Spread | undefined;
  historyKb: Spread | undefined;
  /** Workflow tasks of all rounds that were not done in time, and the bookings that they are of. */
  timedOutTasks: number;
  workflows: number;
  /** The largest share of the machine that other programs took in a round. */
  otherPrograms: number;
  errors: Record<string, number>;
}

/** Puts the rounds of one system together. */
export function figuresOf(rounds: readonly Measurement[]): Figures {
  const [first] = rounds;
  if (first === undefined) throw new Error('Bug: a system without a round');
  const spread = (of: (round: Measurement) => number): Spread =>
    spreadOf(rounds.map(of)) ?? { median: 0, least: 0, most: 0 };
  const perBooking = (of: (round: Measurement) => number) =>
    spread((round) => of(round) / Math.max(1, round.bookings));
  const byKey = (of: (round: Measurement) => Record<string, number>) =>
    Object.fromEntries(
      keysOf(rounds.map(of)).map((key) => [key, perBooking((round) => of(round)[key] ?? 0)]),
    );
  const known = rounds.filter(({ histories }) => histories !== undefined);
  const ofHistory = (of: (history: NonNullable<Measurement['histories']>) => number) =>
    spreadOf(known.flatMap(({ histories }) => (histories === undefined ? [] : [of(histories)])));
  return {
    system: first.system,
    clients: first.clients,
    rounds: rounds.length,
    bookingsPerSecond: spread(({ bookings, seconds }) => bookings / seconds),
    createP50Ms: spread(({ latency }) => latency.create.p50Ms),
    createP99Ms: spread(({ latency }) => latency.create.p99Ms),
    payP50Ms: spread(({ latency }) => latency.pay.p50Ms),
    payP99Ms: spread(({ latency }) => latency.pay.p99Ms),
    cpuMs: perBooking((round) => sum(Object.values(cpuByPart(round)))),
    cpuMsByPart: byKey(cpuByPart),
    transactions: perBooking(({ postgres }) => postgres.transactions),
    walKb: perBooking(({ postgres }) => postgres.walBytes / 1024),
    statementsByRole: byKey(({ postgres }) => postgres.statements),
    commitsByRole: byKey(({ postgres }) => postgres.commits),
    temporalTransactions: perBooking(({ temporalPostgres }) => temporalPostgres.transactions),
    temporalWalKb: perBooking(({ temporalPostgres }) => temporalPostgres.walBytes / 1024),
    events: ofHistory(({ events }) => events),
    stateTransitions: ofHistory(({ stateTransitions }) => stateTransitions),
    workflowTasks: ofHistory(({ workflowTasks }) => workflowTasks),
    historyKb: ofHistory(({ bytes }) => bytes / 1024),
    timedOutTasks: sum(rounds.map(({ histories }) => histories?.timedOutTasks ?? 0)),
    workflows: sum(rounds.map(({ histories }) => histories?.workflows ?? 0)),
    otherPrograms: Math.max(...rounds.map(({ usage }) => usage?.otherPrograms ?? 0)),
    errors: rounds.reduce<Record<string, number>>((all, { errors }) => {
      for (const [code, count] of Object.entries(errors)) all[code] = (all[code] ?? 0) + count;
      return all;
    }, {}),
  };
}

/**
 * Returns how many statements or explicit commits a booking has, without those of the payment
 * provider and of rate limits.
 */
export function ownOf(byRole: Record<string, Spread>): number {
  return sum(
    Object.entries(byRole).flatMap(([role, { median }]) =>
      role === RATE_LIMITS || role.startsWith('sandbox') ? [] : [median],
    ),
  );
}

function cpuByPart({ usage }: Measurement): Record<string, number> {
  return Object.fromEntries(
    Object.entries(usage?.parts ?? {}).flatMap(([part, used]) =>
      used === null ? [] : [[part, used.cpuMs]],
    ),
  );
}

function keysOf(records: Record<string, number>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
