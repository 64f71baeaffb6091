import { ownOf, type Figures } from './figures';
import { rounded, type Spread } from './numbers';

/** Rows of a table; the first has the titles of its columns. */
export type Table = (string | number)[][];

/** Medians of the rounds, with their range where it matters. */
export function throughputTable(figures: readonly Figures[]): Table {
  return [
    ['', 'clients', 'bookings/s', 'range', 'create p50 ms', 'p99', 'pay p50 ms', 'p99'],
    ...figures.map((one) => [
      ...[one.system, one.clients, ...withRange(one.bookingsPerSecond)],
      ...[one.createP50Ms, one.createP99Ms, one.payP50Ms, one.payP99Ms].map(whole),
    ]),
  ];
}

/** CPU milliseconds per booking, by process. */
export function cpuTable(figures: readonly Figures[]): Table {
  const parts = unique(figures.flatMap(({ cpuMsByPart }) => Object.keys(cpuMsByPart)));
  return [
    ['CPU ms per booking', 'clients', 'all', 'range', ...parts],
    ...figures.map(({ system, clients, cpuMs, cpuMsByPart }) => [
      ...[system, clients, ...withRange(cpuMs)],
      ...parts.map((part) => tenth(cpuMsByPart[part])),
    ]),
  ];
}

/** What the databases do for a booking; statements without those of the provider and of limits. */
export function databaseTable(figures: readonly Figures[]): Table {
  return [
    ['per booking', 'clients', 'statements', 'transactions', 'WAL kB', "Temporal's", 'WAL kB'],
    ...figures.map((one) => [
      ...[one.system, one.clients, rounded(ownOf(one.statementsByRole), 1)],
      ...[one.transactions, one.walKb, one.temporalTransactions, one.temporalWalKb].map(tenth),
    ]),
  ];
}

/** Statements of a booking by the role that sends them, and how many transactions have them. */
export function roleTable(figures: readonly Figures[]): Table {
  return [
    ['per booking', 'clients', 'role', 'statements', 'explicit commits'],
    ...figures.flatMap(({ system, clients, statementsByRole, commitsByRole }) =>
      Object.entries(statementsByRole)
        .filter(([, { median }]) => median > 0)
        .map(([role, statements]) => [
          ...[system, clients, role, tenth(statements), tenth(commitsByRole[role])],
        ]),
    ),
  ];
}

/** What a booking is in Temporal. */
export function historyTable(figures: readonly Figures[]): Table {
  return [
    ['per booking', 'clients', 'events', 'transitions', 'tasks', 'history kB', 'timed out'],
    ...figures
      .filter(({ events }) => events !== undefined)
      .map((one) => [
        ...[one.system, one.clients],
        ...[one.events, one.stateTransitions, one.workflowTasks, one.historyKb].map(tenth),
        `${one.timedOutTasks} of ${one.workflows}`,
      ]),
  ];
}

const unique = (names: readonly string[]) => [...new Set(names)];
const tenth = (spread: Spread | undefined) =>
  spread === undefined ? '–' : String(rounded(spread.median, 1));
const whole = (spread: Spread) => String(Math.round(spread.median));
const withRange = ({ median, least, most }: Spread) => [
  String(rounded(median, 1)),
  `${rounded(least, 1)}–${rounded(most, 1)}`,
];

/** Columns side by side on a terminal: words to the left, numbers to the right. */
export function textTable(rows: Table): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
        })
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same in Markdown. */
export function markdownTable([titles = [], ...rows]: Table): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const alignment = titles.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(titles), line(alignment), ...rows.map(line)].join('\n');
}
