import { claimTable } from './console';
import type { Figures } from './figures';
import type { Machine } from './machine';
import { rounded } from './numbers';
import type { Ratios } from './ratios';
import { figuresOfRun, type Results, type Run } from './results';
import {
  cpuTable,
  databaseTable,
  historyTable,
  markdownTable,
  roleTable,
  throughputTable,
} from './tables';

const BEGIN = '<!-- Written by npm run bench -- --publish: everything up to the end mark. -->';
const END = '<!-- The end of what npm run bench wrote. -->';

/** What a report is made of. */
export interface Report {
  machine: Machine;
  command: string;
  results: Results;
  ratios: Ratios;
}

/**
 * Returns the page with the report in place of the one before; the rest of it stays as it is.
 *
 * @throws Error when the page has no place for one.
 */
export function withReport(page: string, report: Report): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/performance.md has no marks for the report.');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${render(report)}\n\n${page.slice(end)}`;
}

function render({ machine, command, results, ratios }: Report): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${machine.date} by \`${command}\` on ${machine.cores} cores of ${machine.cpu}, ` +
      `${machine.memoryGb} GB of memory, ${machine.system}. ${versions.join(', ')}.`,
    ...results.runs.flatMap(renderRun),
    ...(results.claims.length === 0
      ? []
      : ['### Claims, in SQL alone', markdownTable(claimTable(results.claims))]),
    '### Ratios of this run',
    markdownTable([['ratio', 'value'], ...Object.entries(ratios)]),
  ].join('\n\n');
}

function renderRun(run: Run): string[] {
  const figures = figuresOfRun(run);
  if (figures.length === 0) return [];
  const plots =
    run.server === 'full'
      ? [
          '![Bookings per second of each system](images/bench-throughput.svg)',
          '![CPU time per booking of each system, by process](images/bench-cpu.svg)',
        ]
      : [];
  return [
    `### On Temporal's ${run.server} server`,
    summary(figures),
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
