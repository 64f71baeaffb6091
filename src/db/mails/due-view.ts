import type { Db } from '../connection';
import { runOne, statement } from '../statement';

/**
 * Returns whether there may be something to do about mails: an event that none was recorded for, or
 * one that is due. While there is nothing, this look is all that it costs.
 */
export async function mayHaveMail(db: Db): Promise<boolean> {
  const { hasEvent, hasMail } = await runOne(db, LOOK, []);
  return hasEvent || hasMail;
}

/**
 * The order has PostgreSQL read the indexes of what is due. `EXISTS` would drop it, and might read
 * a whole table in vain.
 */
const LOOK = statement<{ hasEvent: boolean; hasMail: boolean }, []>(
  'look_for_mail',
  `SELECT (SELECT occurred_at FROM outgoing_events WHERE mail_due
       ORDER BY occurred_at LIMIT 1) IS NOT NULL AS "hasEvent",
     (SELECT next_attempt_at FROM mails WHERE status = 'due' AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT 1) IS NOT NULL AS "hasMail"`,
);
