import type { Db } from '../connection';
import { runOne, statement } from '../statement';

/** Returns whether a booking was changed after the event of a mail. */
export async function hasLaterChange(db: Db, mailId: string): Promise<boolean> {
  const { hasChange } = await runOne(db, FIND_LATER_CHANGE, [mailId]);
  return hasChange;
}

const FIND_LATER_CHANGE = statement<{ hasChange: boolean }, [mailId: string]>(
  'find_change_after_mail',
  `SELECT EXISTS (
     SELECT FROM outgoing_events o JOIN booking_events e ON e.booking_id = o.booking_id
     WHERE o.id = $1 AND e.id > o.booking_event_id AND e.type = 'changed') AS "hasChange"`,
);
