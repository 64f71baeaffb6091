import type { ClaimRate } from '../claims/market';
import type { Measurement } from '../measure/measure';
import type { Findings, WorkloadName } from '../workloads/workload';
import { figuresOf, type Figures } from './figures';

/** The server of Temporal's that a run was on. */
export type ServerKind = 'full' | 'dev';

/** Whole systems side by side on one kind of server: all of them, or ours with more and more clients. */
export interface Run {
  workload: 'book' | 'clients';
  server: ServerKind;
  measurements: Measurement[];
  /** What the auditors found, each with its system's name. */
  violations: string[];
}

export interface Results {
  runs: Run[];
  claims: ClaimRate[];
  findings: Findings[];
}

/** Returns what one workload found. */
export function resultsOf({ runs, claims, findings }: Results, workload: WorkloadName): Results {
  return {
    runs: runs.filter((run) => run.workload === workload),
    claims: workload === 'claims' ? claims : [],
    findings: findings.filter((one) => one.workload === workload),
  };
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
export function isClean({ runs, findings }: Results): boolean {
  return (
    findings.every(({ faults }) => faults.length === 0) &&
    runs.every(
      ({ measurements, violations }) =>
        violations.length === 0 &&
        measurements.every(({ errors }) => Object.keys(errors).length === 0),
    )
  );
}
