import type { Bar } from '../report/bars';
import type { Plot } from '../report/plots';
import type { Table } from '../report/tables';

/** What each of them does, is told in docs/performance.md. */
export const WORKLOAD_NAMES = [
  ...(['book', 'clients', 'overload', 'half', 'soak', 'rush', 'expiry', 'holds'] as const),
  ...(['claims', 'processes', 'itineraries', 'webhooks', 'disrupt', 'open'] as const),
] as const;

export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** What a workload found, beside measurements of whole systems. */
export interface Findings {
  workload: WorkloadName;
  /** Sentences with what the run itself decided: rates, numbers, times. */
  notes: string[];
  tables: Table[];
  bars: Bar[];
  /** How figures went. */
  plot?: Plot;
  /** Unexpected responses, and what the auditors found. */
  faults: string[];
}
