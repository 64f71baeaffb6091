import { OVERDUE_AFTER_MINUTES, UNTOLD_AFTER_MINUTES } from '../../domain/schedule-change-lateness';
import type { Db } from '../connection';

/** More than anyone reads at once. The rest shows once these are dealt with. */
const AT_MOST = 200;

/** What identifies a booking to an operator who looks for what is stuck. */
interface BookingName {
  bookingId: string;
  reference: string;
}

export interface LongChange extends BookingName {
  changeId: string;
  paymentRequiredBy: Date;
  createdAt: Date;
}

/** Returns changes that have been pending for ten minutes, the oldest first. */
export async function listLongChanges(db: Db): Promise<LongChange[]> {
  const { rows } = await db.raw<{ rows: LongChange[] }>(
    `SELECT b.id AS "bookingId", b.reference, c.id AS "changeId",
       c.payment_required_by AS "paymentRequiredBy", c.created_at AS "createdAt"
     FROM changes c JOIN bookings b ON b.id = c.booking_id
     WHERE c.status = 'pending' AND c.created_at < now() - interval '10 minutes'
     ORDER BY c.created_at LIMIT ${AT_MOST}`,
  );
  return rows;
}

export interface UnsettledNotice extends BookingName {
  scheduleChangeId: string;
  kind: 'cancelled' | 'moved';
  since: Date;
}

/**
 * Returns bookings that were not told of a schedule change in ten minutes, or could not be, those of
 * the oldest first.
 */
export async function listUntoldBookings(db: Db): Promise<UnsettledNotice[]> {
  const { rows } = await db.raw<{ rows: UnsettledNotice[] }>(
    `SELECT b.id AS "bookingId", b.reference, c.id AS "scheduleChangeId", c.kind, c.applied_at AS since
     FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
     JOIN bookings b ON b.id = o.booking_id
     WHERE o.state IN ('pending', 'failed') AND c.applied_at < now() - interval '${UNTOLD_AFTER_MINUTES} minutes'
     ORDER BY c.applied_at, o.sequence LIMIT ${AT_MOST}`,
  );
  return rows;
}

/** Returns offers that are long past the time to respond, the oldest first. */
export async function listOverdueOffers(db: Db): Promise<UnsettledNotice[]> {
  const { rows } = await db.raw<{ rows: UnsettledNotice[] }>(
    `SELECT b.id AS "bookingId", b.reference, c.id AS "scheduleChangeId", c.kind, o.respond_by AS since
     FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
     JOIN bookings b ON b.id = o.booking_id
     WHERE o.state = 'waiting' AND o.respond_by < now() - interval '${OVERDUE_AFTER_MINUTES} minutes'
     ORDER BY o.respond_by LIMIT ${AT_MOST}`,
  );
  return rows;
}
