import type { Findings, WorkloadName } from '../workloads/workload';
import { barTable, type Bar } from './bars';
import { claimTable } from './claim-table';
import type { Figures } from './figures';
import { rounded } from './numbers';
import { ratiosOf } from './ratios';
import { figuresOfRun, resultsOf, type Results, type Run } from './results';
import { barsOfClaims, barsOfRun } from './run-bars';
import {
  cpuTable,
  databaseTable,
  historyTable,
  markdownTable,
  roleTable,
  throughputTable,
} from './tables';

/** What a workload must reach. */
export function barsOf(results: Results): Bar[] {
  return [
    ...results.runs.flatMap(barsOfRun),
    ...barsOfClaims(results.claims),
    ...results.findings.flatMap(({ bars }) => bars),
  ];
}

/** Returns a workload's part of the report, in Markdown. */
export function sectionOf(results: Results, workload: WorkloadName): string {
  const own = resultsOf(results, workload);
  const bars = barsOf(own);
  const ratios = Object.entries(ratiosOf(own));
  return [
    ...own.runs.flatMap(runSection),
    ...(own.claims.length === 0 ? [] : [markdownTable(claimTable(own.claims))]),
    ...own.findings.flatMap(findingsSection),
    ...(bars.length === 0 ? [] : [markdownTable(barTable(bars))]),
    ...(ratios.length === 0 ? [] : ['Ratios:', markdownTable([['ratio', 'value'], ...ratios])]),
  ].join('\n\n');
}

function findingsSection({ workload, notes, tables, plot, faults }: Findings): string[] {
  return [
    ...notes,
    ...(plot === undefined
      ? []
      : [`![How the figures of ${workload} went](images/bench-${workload}.svg)`]),
    ...tables.map(markdownTable),
    ...(faults.length === 0 ? [] : [faults.map((fault) => `- ${fault}`).join('\n')]),
  ];
}

function runSection(run: Run): string[] {
  const figures = figuresOfRun(run);
  if (figures.length === 0) return [];
  const plots =
    run.workload === 'book' && run.server === 'full'
      ? [
          '![Bookings per second of each system](images/bench-throughput.svg)',
          '![CPU time per booking of each system, by process](images/bench-cpu.svg)',
        ]
      : [];
  return [
    `On Temporal's ${run.server} server. ${summary(figures)}`,
    markdownTable(throughputTable(figures)),
    ...plots,
    markdownTable(cpuTable(figures)),
    markdownTable(databaseTable(figures)),
    markdownTable(historyTable(figures)),
    markdownTable(roleTable(figures.filter(({ system }) => system === 'ours'))),
  ];
}

function summary(figures: readonly Figures[]): string {
  const rounds = Math.min(...figures.map((one) => one.rounds));
  const noise = Math.max(...figures.map(({ otherPrograms }) => otherPrograms));
  return (
    `Medians of ${rounds} interleaved rounds. Other programs took up to ` +
    `${rounded(noise * 100, 0)} % of the machine.`
  );
}
