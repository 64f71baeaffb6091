import type { WorkloadName } from '../workloads/workload';
import type { Machine } from './machine';
import type { Results } from './results';
import { sectionOf } from './sections';

/** What a part of the page is made of. */
export interface Report {
  machine: Machine;
  command: string;
  workload: WorkloadName;
  results: Results;
}

/**
 * Returns the page with a workload's report in place of the one before; all else stays as it is.
 *
 * @throws Error when the page has no place for it.
 */
export function withReport(page: string, report: Report): string {
  const { workload, machine, command, results } = report;
  const beginMark = `<!-- Written by npm run bench -- --workloads ${workload} --publish. -->`;
  const endMark = `<!-- The end of ${workload}. -->`;
  const [begin, end] = [page.indexOf(beginMark), page.indexOf(endMark)];
  if (begin < 0 || end < begin)
    throw new Error(`docs/performance.md has no marks for the report of ${workload}.`);
  const text = `${originOf(machine, command)}\n\n${sectionOf(results, workload)}`;
  return `${page.slice(0, begin + beginMark.length)}\n\n${text}\n\n${page.slice(end)}`;
}

function originOf(machine: Machine, command: string): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Measured on ${machine.date} by \`${command}\` on ${machine.cores} cores of ${machine.cpu}, ` +
    `${machine.memoryGb} GB of memory, ${machine.system}. ${versions.join(', ')}.`
  );
}
