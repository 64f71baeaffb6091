import type { Results } from '../rounds';
import { figuresOf, ownStatements, type Figures } from './figures';
import { rounded, type Spread } from './numbers';
import { textTable } from './text-table';

/** The figures as people read them on a terminal: medians, with the range where it matters. */
export function renderResults({ measurements, violations }: Results): string {
  const systems = [...new Set(measurements.map(({ system }) => system))];
  const figures = systems.map((system) =>
    figuresOf(measurements.filter((one) => one.system === system)),
  );
  return [
    throughput(figures),
    cpu(figures),
    databases(figures),
    histories(figures),
    ...noise(figures),
    ...figures.flatMap(errors),
    violations.length === 0 ? 'The auditors found nothing wrong.' : violations.join('\n'),
  ].join('\n\n');
}

function throughput(figures: readonly Figures[]): string {
  return textTable([
    ['', 'clients', 'bookings/s', 'range', 'create p50 ms', 'p99', 'pay p50 ms', 'p99'],
    ...figures.map((one) => [
      ...[one.system, one.clients, ...withRange(one.bookingsPerSecond)],
      ...[one.createP50Ms, one.createP99Ms, one.payP50Ms, one.payP99Ms].map(whole),
    ]),
  ]);
}

function cpu(figures: readonly Figures[]): string {
  const parts = [...new Set(figures.flatMap(({ cpuMsByPart }) => Object.keys(cpuMsByPart)))];
  return textTable([
    ['CPU ms per booking', 'all', 'range', ...parts],
    ...figures.map(({ system, cpuMs, cpuMsByPart }) => [
      ...[system, ...withRange(cpuMs)],
      ...parts.map((part) => tenth(cpuMsByPart[part])),
    ]),
  ]);
}

function databases(figures: readonly Figures[]): string {
  const roles = [
    ...new Set(figures.flatMap(({ statementsByRole }) => Object.keys(statementsByRole))),
  ];
  return textTable([
    ['per booking', 'statements', 'transactions', 'WAL kB', "temporal's", 'WAL kB', ...roles],
    ...figures.map((one) => [
      ...[one.system, rounded(ownStatements(one.statementsByRole), 1)],
      ...[one.transactions, one.walKb, one.temporalTransactions, one.temporalWalKb].map(tenth),
      ...roles.map((role) => {
        const commits = one.commitsByRole[role];
        return `${tenth(one.statementsByRole[role])} in ${tenth(commits)}`;
      }),
    ]),
  ]);
}

function histories(figures: readonly Figures[]): string {
  return textTable([
    ['per booking', 'events', 'transitions', 'workflow tasks', 'history kB', 'timed out'],
    ...figures.map((one) => [
      one.system,
      ...[one.events, one.stateTransitions, one.workflowTasks, one.historyKb].map(tenth),
      `${rounded(one.timedOutTasks * 100, 1)} %`,
    ]),
  ]);
}

/** Above this share, trust CPU time and ratios only. */
const NOISY = 0.1;

function noise(figures: readonly Figures[]): string[] {
  const most = Math.max(...figures.map(({ otherPrograms }) => otherPrograms));
  const share = `Other programs took up to ${rounded(most * 100, 0)} % of the machine.`;
  return [most > NOISY ? `${share} These figures are not for publishing.` : share];
}

function errors({ system, errors: counts }: Figures): string[] {
  const lines = Object.entries(counts).map(([code, count]) => `  ${code}: ${count}`);
  return lines.length === 0 ? [] : [[`Errors of ${system}:`, ...lines].join('\n')];
}

const tenth = (spread: Spread | undefined) =>
  spread === undefined ? '–' : String(rounded(spread.median, 1));
const whole = (spread: Spread) => String(Math.round(spread.median));
const withRange = ({ median, least, most }: Spread) => [
  String(rounded(median, 1)),
  `${rounded(least, 1)}–${rounded(most, 1)}`,
];
