import type { Priority } from '@temporalio/common';

/**
 * Returns what keeps one flight's crowd from holding up everybody else. Where the tasks of a queue
 * wait, Temporal takes one of each key in turn: bookings of a flight whose holds all end, or that is
 * cancelled, wait for each other, and those of other flights are taken in between. A server that
 * doesn't have `matching.enableFairness` ignores it.
 *
 * @see https://docs.temporal.io/task-queue-priority-fairness
 */
export function fairnessOf({ flight }: { flight: { id: string } }): Priority {
  return { fairnessKey: flight.id };
}
