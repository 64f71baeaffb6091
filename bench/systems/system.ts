import type { ListrTask } from 'listr2';
import type { PartFiles } from '../measure/processes';

/** A system that sells seats behind the HTTP API that the driver knows. */
export interface System {
  name: SystemName;
  /** Starts its processes, on the servers that all systems share. */
  steps: ListrTask[];
  apiUrls: string[];
  /** What runs while it is measured, its share of the servers included. */
  parts: PartFiles;
  /** Its databases on our PostgreSQL. */
  databases: string[];
  /** Where it has a PostgreSQL server of its own, as that one's superuser. */
  postgresUrl?: string;
  /** Of a booking; undefined where Temporal has no part in it. */
  workflowId?: (bookingId: string) => string;
  /** Where that is not the namespace that all others share. */
  temporalNamespace?: string;
  /** Returns what is wrong with its books, having sold at least so many bookings. */
  audit(sold: number): Promise<string[]>;
}

/** What they are, is told in docs/performance.md. */
export const SYSTEM_NAMES = ['ours', 'floor', 'textbook', 'dbos', 'restate', 'plain'] as const;

export type PeerName = (typeof SYSTEM_NAMES)[number];

/** `filled` and `beside` are ours once more: on filled books, and from another checkout. */
export type SystemName = PeerName | 'filled' | 'beside';
