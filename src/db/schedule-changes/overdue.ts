import { OVERDUE_AFTER_MINUTES, UNTOLD_AFTER_MINUTES } from '../../domain/schedule-change-lateness';
import type { Db } from '../connection';
import { inPages } from '../pages';

/** A booking, and a schedule change that it has to be told of. */
interface DueNotice {
  bookingId: string;
  scheduleChangeId: string;
}

/**
 * Finds all bookings that should have been told of a schedule change by now and were not, page by
 * page, the oldest schedule change first.
 */
export async function* pageUntold(db: Db): AsyncGenerator<DueNotice[]> {
  yield* notices(
    db,
    `SELECT o.booking_id AS id, o.schedule_change_id, c.applied_at AS sort_key
     FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
     WHERE o.state IN ('pending', 'failed') AND c.applied_at < now() - interval '${UNTOLD_AFTER_MINUTES} minutes'`,
  );
}

/** Finds all offers that are past the time to respond, page by page, the oldest first. */
export async function* pageOverdueOffers(db: Db): AsyncGenerator<DueNotice[]> {
  yield* notices(
    db,
    `SELECT booking_id AS id, schedule_change_id, respond_by AS sort_key
     FROM booking_schedule_changes
     WHERE state = 'waiting' AND respond_by < now() - interval '${OVERDUE_AFTER_MINUTES} minutes'`,
  );
}

async function* notices(db: Db, query: string): AsyncGenerator<DueNotice[]> {
  for await (const page of inPages<{ schedule_change_id: string }>(db, query))
    yield page.map(({ id, schedule_change_id }) => ({
      bookingId: id,
      scheduleChangeId: schedule_change_id,
    }));
}
