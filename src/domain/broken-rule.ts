import type { BookingStatus } from './booking-status';

/** A booking's standing in the database. Times are in milliseconds. */
export interface StoredStanding {
  id: string;
  status: BookingStatus;
  /** How long ago its last event occurred. */
  settledForMs: number;
  /** Whether a payment was applied to it. */
  wasSold: boolean;
  /** For how long nothing of it can change any more; zero or less while something can. */
  overForMs: number;
}

/** A booking workflow's standing, according to Temporal. */
export interface WorkflowStanding {
  bookingId: string;
  /** `ended` is every end but completion: terminated, failed, timed out. */
  state: 'running' | 'completed' | 'ended';
  /**
   * The search attribute `BookingStatus`: the booking's last status, set by its workflow or by the
   * one that cancelled it later.
   */
  bookingStatus: string | undefined;
  startedAt: Date;
}

/**
 * A workflow that has run longer than this, in milliseconds, with nothing in the database is stuck.
 */
const STUCK_AFTER_MS = 60_000;

/**
 * How long a workflow may take after its booking is settled, in milliseconds, to say so on its
 * page. One that was not sold completes pending messages, and ends.
 */
const SETTLING_MS = 10_000;

/**
 * How long the workflow of a sold booking may run on when nothing of it can change any more. While
 * an operator has to return its money, it looks every ten minutes.
 */
const RUNNING_ON_MS = 15 * 60_000;

/**
 * Returns the invariant that a booking and its workflow violate at an instant, if any. A final
 * booking whose workflow was dropped or terminated violates none.
 */
export function findBrokenRule(
  row: StoredStanding | undefined,
  workflow: WorkflowStanding | undefined,
  at: Date,
): string | undefined {
  const ageMs = workflow === undefined ? 0 : at.getTime() - workflow.startedAt.getTime();
  if (row === undefined) {
    return workflow?.state === 'running' && ageMs > STUCK_AFTER_MS
      ? 'a booking gets into the database within a minute'
      : undefined;
  }
  switch (row.status) {
    case 'initiated':
    case 'pending':
      return workflow?.state === 'running'
        ? undefined
        : 'a pending booking has its workflow running';
    case 'booked':
    case 'cancelled':
      return findBrokenEnd(row, workflow);
    default:
      return row.status satisfies never;
  }
}

/** Returns the invariant that a settled booking and its workflow violate, if any. */
function findBrokenEnd(
  { status, settledForMs, wasSold, overForMs }: StoredStanding,
  workflow: WorkflowStanding | undefined,
): string | undefined {
  const state = workflow?.state ?? 'ended';
  switch (state) {
    case 'ended':
      return undefined;
    case 'running':
      if (overForMs > (wasSold ? RUNNING_ON_MS : SETTLING_MS))
        return 'the workflow of a settled booking ends';
      return settledForMs > SETTLING_MS ? findOtherStatus(status, workflow) : undefined;
    case 'completed':
      return findOtherStatus(status, workflow);
    default:
      return state satisfies never;
  }
}

function findOtherStatus(
  status: BookingStatus,
  workflow: WorkflowStanding | undefined,
): string | undefined {
  return workflow?.bookingStatus === status
    ? undefined
    : "a booking's status and its workflow's agree";
}
