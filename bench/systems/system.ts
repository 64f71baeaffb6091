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
  /** Of a booking; undefined where Temporal has no part in it. */
  workflowId?: (bookingId: string) => string;
  /** Returns what is wrong with its books, having sold at least so many bookings. */
  audit(sold: number): Promise<string[]>;
}

export const SYSTEM_NAMES = ['ours', 'floor', 'textbook', 'dbos', 'restate', 'plain'] as const;

export type SystemName = (typeof SYSTEM_NAMES)[number];

/** What each system is, in a few words. */
export const SYSTEM_TITLES: Record<SystemName, string> = {
  ours: 'this project',
  floor: "Temporal, our messages, and three activities that do nothing: the shape's own cost",
  textbook: 'Temporal as tutorials use it: regular activities, a signal, a query that is polled',
  dbos: 'DBOS Transact, the same flow in plain SQL',
  restate: 'Restate, the same flow in plain SQL',
  plain: 'Express and plain SQL with a cron job, nothing durable between charge and confirmation',
};
