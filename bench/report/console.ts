import type { Findings } from '../workloads/workload';
import { barTable } from './bars';
import { claimTable } from './claim-table';
import type { Figures } from './figures';
import { rounded } from './numbers';
import type { Ratios } from './ratios';
import { figuresOfRun, type Results, type Run } from './results';
import { barsOf } from './sections';
import {
  cpuTable,
  databaseTable,
  historyTable,
  roleTable,
  textTable,
  throughputTable,
  type Table,
} from './tables';

/** Above this share of the machine for other programs, only CPU time and ratios can be trusted. */
const NOISY = 0.1;

/** The figures as people read them on a terminal. */
export function renderResults(results: Results, ratios: Ratios): string {
  const ratioRows: Table = [['ratio', ''], ...Object.entries(ratios)];
  const bars = barsOf(results);
  return [
    ...results.runs.flatMap(renderRun),
    ...(results.claims.length === 0 ? [] : [textTable(claimTable(results.claims))]),
    ...results.findings.flatMap(renderFindings),
    ...(ratioRows.length === 1 ? [] : [textTable(ratioRows)]),
    ...(bars.length === 0 ? [] : [textTable(barTable(bars))]),
  ].join('\n\n');
}

function renderRun(run: Run): string[] {
  const figures = figuresOfRun(run);
  if (figures.length === 0) return [];
  const tables = [throughputTable, cpuTable, databaseTable, roleTable, historyTable];
  return [
    `On Temporal's ${run.server} server:`,
    ...tables.map((of) => textTable(of(figures))),
    ...figures.flatMap(errors),
    noise(figures),
    run.violations.length === 0 ? 'The auditors found nothing wrong.' : run.violations.join('\n'),
  ];
}

function renderFindings({ workload, notes, tables, faults }: Findings): string[] {
  return [
    `${workload}: ${notes.join('\n')}`,
    ...tables.map(textTable),
    faults.length === 0 ? 'Nothing went wrong.' : faults.join('\n'),
  ];
}

function noise(figures: readonly Figures[]): string {
  const most = Math.max(...figures.map(({ otherPrograms }) => otherPrograms));
  const share = `Other programs took up to ${rounded(most * 100, 0)} % of the machine.`;
  return most > NOISY ? `${share} These figures are not for publishing.` : share;
}

function errors({ system, clients, errors: counts }: Figures): string[] {
  const lines = Object.entries(counts).map(([code, count]) => `  ${code}: ${count}`);
  return lines.length === 0
    ? []
    : [[`Errors of ${system}, ${clients} clients:`, ...lines].join('\n')];
}
