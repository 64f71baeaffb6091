import type { ScheduleChangeKind, ScheduleChangeOutcome } from '../../domain/schedule-change';
import type { Db } from '../connection';

/** A schedule change of a booking as operators see it; instants in ISO 8601. */
export interface ScheduleChangeOnRecord {
  scheduleChangeId: string;
  flightNumber: string;
  kind: ScheduleChangeKind;
  /** What the operator who ordered it gave as the reason. */
  reason: string;
  state: 'pending' | 'waiting' | 'settled' | 'failed';
  /** Null until it was offered. */
  respondBy: string | null;
  outcome: ScheduleChangeOutcome | null;
  decidedBy: 'person' | 'system' | null;
  appliedAt: string;
}

/** Lists the schedule changes of a booking's flights, the oldest first. */
export async function listScheduleChangesOnRecord(
  db: Db,
  bookingId: string,
): Promise<ScheduleChangeOnRecord[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    `SELECT c.id AS "scheduleChangeId", f.flight_number AS "flightNumber", c.kind, c.reason, o.state,
       o.respond_by AS "respondBy", o.outcome, o.decided_by AS "decidedBy", c.applied_at AS "appliedAt"
     FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
     JOIN flights f ON f.id = c.flight_id
     WHERE o.booking_id = CAST(:bookingId AS uuid) ORDER BY o.sequence`,
    { bookingId },
  );
  return rows.map(({ respondBy, appliedAt, ...row }) => ({
    ...row,
    respondBy: respondBy?.toISOString() ?? null,
    appliedAt: appliedAt.toISOString(),
  }));
}

interface Row extends Omit<ScheduleChangeOnRecord, 'respondBy' | 'appliedAt'> {
  respondBy: Date | null;
  appliedAt: Date;
}
