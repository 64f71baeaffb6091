import type { HistoryCost } from './histories';
import { PARTS, type Part, type Usage } from './processes';
import { STEPS, type Step, type Tally } from './tally';

export interface Run {
  clients: number;
  isHot: boolean;
  tally: Tally;
  usage: Usage | undefined;
  histories: HistoryCost[];
}

interface ProcessFigures {
  cpuMsPerBooking: number;
  peakRssMb: number;
}

/** The figures of a run, as `--json` prints them. Null is what can't be known. */
export interface Report {
  clients: number;
  market: 'all flights' | 'one hot flight';
  seconds: number;
  bookings: number;
  bookingsPerSecond: number;
  steps: Record<Step, { count: number; p50Ms: number; p99Ms: number }>;
  errors: Record<string, number>;
  processes: Record<Part, ProcessFigures | null> | null;
  benchCpuMsPerBooking: number | null;
  /**
   * The share of the machine that other programs took: above a tenth, trust CPU time and ratios
   * only.
   */
  otherProgramsShare: number | null;
  /** Of the middle one of some bookings. */
  historyOfOneBooking: HistoryCost | null;
}

export function reportOf({ clients, isHot, tally, usage, histories }: Run): Report {
  const perBooking = (cpuMs: number) => rounded(cpuMs / Math.max(1, tally.bookings), 2);
  const figuresOf = (part: Part): ProcessFigures | null => {
    const used = usage?.parts[part];
    if (!used) return null;
    const { cpuMs, peakResidentBytes } = used;
    return {
      cpuMsPerBooking: perBooking(cpuMs),
      peakRssMb: Math.round(peakResidentBytes / 2 ** 20),
    };
  };
  const middle = [...histories].sort((a, b) => a.events - b.events)[histories.length >> 1];
  return {
    clients,
    market: isHot ? 'one hot flight' : 'all flights',
    seconds: rounded(tally.seconds, 1),
    bookings: tally.bookings,
    bookingsPerSecond: rounded(tally.bookings / tally.seconds, 1),
    steps: perKey(STEPS, (step) => tally.latencyOf(step)),
    errors: Object.fromEntries(tally.errors),
    processes: usage ? perKey(PARTS, figuresOf) : null,
    benchCpuMsPerBooking: usage ? perBooking(usage.benchCpuMs) : null,
    otherProgramsShare: usage ? rounded(usage.otherPrograms, 3) : null,
    historyOfOneBooking: middle ?? null,
  };
}

/** The figures as people read them. */
export function renderReport(report: Report): string {
  return [
    `${report.clients} clients, ${report.market}, ${report.seconds} s`,
    `${report.bookingsPerSecond} bookings/s (${report.bookings} bookings)`,
    renderSteps(report),
    renderProcesses(report),
    renderHistory(report),
    renderErrors(report),
  ].join('\n\n');
}

function renderSteps({ steps }: Report): string {
  const rows = STEPS.map((step) => [step, steps[step].count, steps[step].p50Ms, steps[step].p99Ms]);
  return table([['step', 'answers', 'p50 ms', 'p99 ms'], ...rows]);
}

function renderProcesses({ processes, benchCpuMsPerBooking, otherProgramsShare }: Report): string {
  if (processes === null) return 'CPU and memory by process: not available on this platform.';
  const rows = PARTS.map((part) => {
    const figures = processes[part];
    return figures
      ? [part, figures.cpuMsPerBooking, figures.peakRssMb]
      : [part, 'not available', 'not available'];
  });
  const all = PARTS.reduce((sum, part) => sum + (processes[part]?.cpuMsPerBooking ?? 0), 0);
  return [
    table([
      ['process', 'CPU ms per booking', 'peak RSS MB'],
      ...rows,
      ['all of these', rounded(all, 2), ''],
      ['this benchmark', benchCpuMsPerBooking ?? '', ''],
    ]),
    `Other programs took ${Math.round((otherProgramsShare ?? 0) * 100)} % of the machine meanwhile.`,
  ].join('\n');
}

function renderHistory({ historyOfOneBooking: cost }: Report): string {
  if (cost === null) return 'No booking whose history could be read.';
  const { events, workflowTasks, activities, bytes } = cost;
  return `One booking costs Temporal ${events} events, ${workflowTasks} workflow tasks, ${activities} activities, ${bytes} bytes of history.`;
}

function renderErrors({ errors }: Report): string {
  const lines = Object.entries(errors).map(([code, count]) => `  ${code}: ${count}`);
  return lines.length === 0 ? 'No errors.' : ['Errors:', ...lines].join('\n');
}

/** Columns side by side: words to the left, numbers to the right. */
export function table(rows: (string | number)[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column]).length)),
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

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function perKey<Key extends string, Value>(
  keys: readonly Key[],
  valueOf: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<Key, Value>;
}
