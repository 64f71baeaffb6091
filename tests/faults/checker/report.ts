import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { History, Operation } from '../history/read';
import { REQUESTS_NEED, unavailabilityOf, type Unavailability } from './availability';
import { problemOf } from './bodies';
import { findHolds } from './deadlines';
import type { Finding } from './finding';
import { groupBy } from './group-by';
import type { Story } from './story';
import { stretchesOf } from './troubles';

/** What a run has done, counted. */
export interface Summary {
  seed: number;
  minutes: number;
  /** How many operations of a kind had an outcome, by kind. */
  operations: { kind: string; outcome: string; count: number }[];
  faults: { kind: string; count: number; totalMs: number }[];
  unavailability: Unavailability[];
  judged: Judged;
}

/** How much there was to be judged by the strict rules: without a fault that excuses anything. */
interface Judged {
  /** Holds that their deadline ended, or should have. */
  holds: number;
  /** Those that no fault excuses from having ended within 2 s. */
  holdsWithoutExcuse: number;
  /** Refunds that a person has to make: those of other providers. */
  refundsForAPerson: number;
  /** The share of the run, from its first operation to the end of its last, without a fault. */
  quietShare: number;
}

export interface Findings extends Summary {
  /** None: every promise was kept, as far as anyone outside could see. */
  findings: Finding[];
}

export function summarize(history: History, story: Story): Summary {
  const { run, operations, faults, probes } = history;
  const byOutcome = groupBy(operations, (operation) => `${operation.kind} ${outcomeOf(operation)}`);
  const byKind = groupBy(faults, ({ kind }) => kind);
  return {
    seed: run.seed,
    minutes: run.minutes,
    operations: [...byOutcome.values()]
      .flatMap(([first, ...more]) =>
        first === undefined
          ? []
          : [{ kind: first.kind, outcome: outcomeOf(first), count: more.length + 1 }],
      )
      .sort((a, b) => a.kind.localeCompare(b.kind) || b.count - a.count),
    faults: [...byKind].map(([kind, own]) => ({
      kind,
      count: own.length,
      totalMs: own.reduce((total, { begunAt, endedAt }) => total + endedAt - begunAt, 0),
    })),
    unavailability: unavailabilityOf(probes),
    judged: countJudged(history, story),
  };
}

function countJudged(history: History, story: Story): Judged {
  const { operations } = history;
  const holds = findHolds(history, story);
  const from = operations.reduce((first, { sentAt }) => Math.min(first, sentAt), Infinity);
  const to = operations.reduce((last, { endedAt }) => Math.max(last, endedAt), -Infinity);
  const troubled = stretchesOf(story.troubles, REQUESTS_NEED).reduce(
    (sum, one) => sum + Math.max(0, Math.min(one.to, to) - Math.max(one.from, from)),
    0,
  );
  return {
    holds: holds.length,
    holdsWithoutExcuse: holds.filter(({ dueAt, excusedUntil }) => excusedUntil === dueAt).length,
    refundsForAPerson: [...story.bookings.values()]
      .flatMap(({ payments = [] }) => payments.flatMap(({ refunds }) => refunds))
      .filter(({ status }) => status === 'needs_operator').length,
    quietShare: to > from ? 1 - troubled / (to - from) : 0,
  };
}

function outcomeOf({ response }: Operation): string {
  if (response === undefined) return 'no answer';
  return [response.status, problemOf(response)?.code].join(' ').trim();
}

/** The report of a run in Markdown, as `report.md` in its folder, for people. */
export function writeReport(folder: string, findings: Findings): void {
  writeFileSync(path.join(folder, 'report.md'), describe(findings));
}

/** What a run has done and what was found, in Markdown; for the terminal, too. */
export function describe({
  seed,
  minutes,
  operations,
  faults,
  unavailability,
  judged,
  findings,
}: Findings): string {
  const total = operations.reduce((sum, { count }) => sum + count, 0);
  return `${[
    `# Fault run, seed ${seed}`,
    `${minutes} minutes, ${total} operations, ${faults.reduce((sum, { count }) => sum + count, 0)} faults, ${findings.length} findings.`,
    `Judged: ${judged.holds} holds that their deadline ended, ${judged.holdsWithoutExcuse} of them without a fault as an excuse; ${percent(judged.quietShare)} of the time were quiet. ${judged.refundsForAPerson} refunds wait for a person.`,
    '## Findings',
    findings.length === 0 ? 'None.' : findings.map(describeFinding).join('\n'),
    '## Operations',
    table(
      ['operation', 'outcome', 'count'],
      operations.map(({ kind, outcome, count }) => [kind, outcome, count]),
    ),
    '## Faults',
    table(
      ['fault', 'count', 'seconds in all'],
      faults.map(({ kind, count, totalMs }) => [kind, count, seconds(totalMs)]),
    ),
    '## Unavailability',
    table(
      ['endpoint', 'probes', 'failed', 'seconds in all', 'longest'],
      unavailability.map(({ endpoint, probes, failed, totalMs, longestMs }) => [
        endpoint,
        probes,
        failed,
        seconds(totalMs),
        seconds(longestMs),
      ]),
    ),
  ].join('\n\n')}\n`;
}

/** More operations than these don't make a finding clearer. */
const SHOWN = 8;

function describeFinding({ check, what, operations }: Finding): string {
  const shown = operations.slice(0, SHOWN).join(', ');
  const more = operations.length > SHOWN ? ` and ${operations.length - SHOWN} more` : '';
  return `- **${check}**: ${what}${shown === '' ? '' : ` (${shown}${more})`}`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);

/** A table whose columns are aligned, so that it can be read in a terminal. */
function table(head: string[], rows: (string | number)[][]): string {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const draw = (line: string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [draw(head), rule, ...lines.slice(1).map(draw)].join('\n');
}
