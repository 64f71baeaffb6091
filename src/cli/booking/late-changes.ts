import type { ChangeOnRecord } from '../../db/changes/history-view';
import type { ScheduleChangeOnRecord } from '../../db/schedule-changes/history-view';
import { OVERDUE_AFTER_MINUTES, UNTOLD_AFTER_MINUTES } from '../../domain/schedule-change-lateness';

const MINUTE_MS = 60_000;

/** A change ends within seconds of the time to pay, unless the provider does not respond. */
const DECIDING_MS = 10 * MINUTE_MS;

const TELLING_MS = UNTOLD_AFTER_MINUTES * MINUTE_MS;
const RESPONDING_MS = OVERDUE_AFTER_MINUTES * MINUTE_MS;

/** Returns what of a booking's changes and schedule changes should have been dealt with by now. */
export function findLateChanges(
  {
    changes,
    scheduleChanges,
  }: { changes: readonly ChangeOnRecord[]; scheduleChanges: readonly ScheduleChangeOnRecord[] },
  now: Date,
): string[] {
  const isPast = (instant: string | null, byMs: number) =>
    instant !== null && Date.parse(instant) + byMs < now.getTime();
  return [
    ...changes
      .filter(({ status, paymentRequiredBy }) => {
        return status === 'pending' && isPast(paymentRequiredBy, DECIDING_MS);
      })
      .map(({ changeId }) => `Change ${changeId} is past its time to pay, and not decided.`),
    ...scheduleChanges.flatMap(({ scheduleChangeId: id, state, appliedAt, respondBy }) => {
      switch (state) {
        case 'pending':
        case 'failed':
          return isPast(appliedAt, TELLING_MS) ? [`It was not told of schedule change ${id}.`] : [];
        case 'waiting':
          return isPast(respondBy, RESPONDING_MS)
            ? [`The time to respond to schedule change ${id} is over, and nothing followed.`]
            : [];
        case 'settled':
          return [];
        default:
          throw new Error(`Bug: ${String(state satisfies never)} is no state`);
      }
    }),
  ];
}
