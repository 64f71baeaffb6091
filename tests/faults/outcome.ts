import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Violation } from '../../src/temporal/contracts/reconciliation';

/** What a run came to, beside what it recorded. The checker doesn't look at it. */
export interface Outcome {
  /** What the nemesis could not undo, or what did not come to its end. */
  troubles: string[];
  /** What our own auditor says. */
  violations: Violation[];
}

const FILE = 'outcome.json';

/**
 * Writes into the folder of a run what it came to so far, in place of what was written before: it
 * stays, if the run breaks off later or its history can't be judged.
 */
export function keepOutcome(folder: string, outcome: Outcome): void {
  writeFileSync(path.join(folder, FILE), `${JSON.stringify(outcome, null, 2)}\n`);
}

/** Returns one line for each thing that went wrong in the run of a folder, as far as it came. */
export function describeOutcome(folder: string): string[] {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) return [];
  const { troubles, violations } = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  return [
    ...troubles.map((trouble) => `Trouble: ${trouble}`),
    ...violations.map((violation) => `Auditor: ${JSON.stringify(violation)}`),
  ];
}
