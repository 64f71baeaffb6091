import type { ClaimRate } from '../claims/market';
import type { Measurement } from '../measure/measure';
import { figuresOf, type Figures } from './figures';

/** The server of Temporal's that a run was on. */
export type ServerKind = 'full' | 'dev';

/** What was measured on one kind of server. */
export interface Run {
  server: ServerKind;
  measurements: Measurement[];
  /** What the auditors found, each with its system's name. */
  violations: string[];
}

export interface Results {
  runs: Run[];
  claims: ClaimRate[];
}

/** Returns the figures of a run: one for each system and number of clients, in their order. */
export function figuresOfRun({ measurements }: Run): Figures[] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const key = `${measurement.system} ${measurement.clients}`;
    groups.set(key, [...(groups.get(key) ?? []), measurement]);
  }
  return [...groups.values()].map(figuresOf);
}

/** Whether every request succeeded and every auditor was content. */
export function isClean({ runs }: Results): boolean {
  return runs.every(
    ({ measurements, violations }) =>
      violations.length === 0 &&
      measurements.every(({ errors }) => Object.keys(errors).length === 0),
  );
}
