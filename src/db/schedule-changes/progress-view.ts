import type { ScheduleChangeKind } from '../../domain/schedule-change';
import type { Db } from '../connection';

/**
 * `applying`: the flight is as before; `telling`: bookings are being told; `waiting`: customers may
 * respond; `completed`: every booking is settled, or waits for an operator.
 */
export const SCHEDULE_CHANGE_STATUSES = ['applying', 'telling', 'waiting', 'completed'] as const;

export type ScheduleChangeStatus = (typeof SCHEDULE_CHANGE_STATUSES)[number];

/** A schedule change as operators see it. The last three and those not told yet sum to `affected`. */
export interface ScheduleChange {
  id: string;
  flightId: string;
  kind: ScheduleChangeKind;
  status: ScheduleChangeStatus;
  /** Bookings that had a seat on the flight when it was applied. */
  affected: number;
  settled: number;
  /** Those that wait for their customer. */
  waiting: number;
  /** Those that could not be told. */
  failed: number;
}

/** Reads how far a schedule change is; undefined when it was not applied. */
export async function readScheduleChange(
  db: Db,
  id: string,
): Promise<(ScheduleChange & { fingerprint: string }) | undefined> {
  const [row] = await readProgress(db, 'c.id = CAST(:id AS uuid)', { id });
  if (row === undefined) return undefined;
  const { reason: _, ...change } = row;
  return change;
}

/** Lists the schedule changes of these flights, the oldest first. */
export async function listScheduleChanges(
  db: Db,
  flightIds: readonly string[],
): Promise<(ScheduleChange & { reason: string })[]> {
  const which = 'c.flight_id = ANY (CAST(:flightIds AS uuid[]))';
  const rows = await readProgress(db, which, { flightIds: [...flightIds] });
  return rows.map(({ fingerprint: _, ...change }) => change);
}

type Progress = ScheduleChange & { fingerprint: string; reason: string };

async function readProgress(
  db: Db,
  which: string,
  values: Record<string, string | string[]>,
): Promise<Progress[]> {
  const { rows } = await db.raw<{ rows: (Omit<Progress, 'status'> & { untold: number })[] }>(
    `SELECT c.id, c.flight_id AS "flightId", c.kind, c.fingerprint, c.reason,
       count(o.booking_id) AS affected,
       count(*) FILTER (WHERE o.state = 'pending') AS untold,
       count(*) FILTER (WHERE o.state = 'settled') AS settled,
       count(*) FILTER (WHERE o.state = 'waiting') AS waiting,
       count(*) FILTER (WHERE o.state = 'failed') AS failed
     FROM schedule_changes c LEFT JOIN booking_schedule_changes o ON o.schedule_change_id = c.id
     WHERE ${which} GROUP BY c.id, c.flight_id, c.kind, c.fingerprint, c.reason, c.applied_at
     ORDER BY c.applied_at, c.id`,
    values as Record<string, string>,
  );
  return rows.map(({ untold, affected, settled, waiting, failed, ...row }) => ({
    ...row,
    status: statusOf({ untold, waiting }),
    affected,
    settled,
    waiting,
    failed,
  }));
}

function statusOf({ untold, waiting }: { untold: number; waiting: number }): ScheduleChangeStatus {
  if (untold > 0) return 'telling';
  return waiting > 0 ? 'waiting' : 'completed';
}

/**
 * Returns bookings that a schedule change has yet to tell, in the order of their IDs. Those that
 * were told are no longer among them, so the same call goes on where the last one ended.
 */
export async function listUntold(
  db: Db,
  id: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<string[]> {
  return db('booking_schedule_changes')
    .where({ schedule_change_id: id, state: 'pending' })
    .andWhere('booking_id', '>', after ?? '00000000-0000-0000-0000-000000000000')
    .orderBy('booking_id')
    .limit(limit)
    .pluck<string[]>('booking_id');
}
