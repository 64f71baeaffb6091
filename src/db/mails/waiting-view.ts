import type { Db } from '../connection';
import { runOne, statement } from '../statement';

/** Mails that are still to be sent. */
export interface WaitingMails {
  due: number;
  /** Among them those whose event was a quarter of an hour ago. */
  overdue: number;
}

/**
 * Counts mails that are still to be sent, and events that no mail was made of yet. Each count reads
 * a partial index that holds nothing else.
 */
export async function countWaitingMails(db: Db): Promise<WaitingMails> {
  return runOne(db, COUNT_WAITING_MAILS, []);
}

const COUNT_WAITING_MAILS = statement<WaitingMails, []>(
  'count_waiting_mails',
  `SELECT count(*) AS due,
     count(*) FILTER (WHERE occurred_at < now() - interval '15 minutes') AS overdue
   FROM (
     SELECT occurred_at FROM mails WHERE status = 'due'
     UNION ALL SELECT occurred_at FROM outgoing_events WHERE mail_due
   ) waiting`,
);
