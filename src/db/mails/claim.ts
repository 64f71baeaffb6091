import type { MailKind } from '../../domain/mail';
import type { Db } from '../connection';
import { run, statement } from '../statement';

/** A mail that is to be sent now. */
export interface DueMail {
  id: string;
  bookingId: string;
  kind: MailKind;
  sequence: number;
  occurredAt: Date;
  /** How often it was sent, this time included. */
  attempts: number;
}

/**
 * How long a claim holds, in seconds, unless it is renewed. A mail of a process that has died is
 * sent again after that.
 */
const CLAIMED_FOR_SECONDS = 30;

/** How often to renew a claim, in milliseconds. */
export const RENEW_EVERY_MS = 10_000;

/**
 * Claims mails that are due, at most `limit`, the oldest first: nobody else sends them meanwhile.
 *
 * The mails of one booking are sent in the order of their events, unless an earlier one is put off
 * for long.
 */
export async function claimMails(db: Db, limit: number): Promise<DueMail[]> {
  const rows = await run(db, CLAIM, [limit]);
  return rows.map(({ booking_id, occurred_at, ...mail }) => ({
    ...mail,
    bookingId: booking_id,
    occurredAt: occurred_at,
  }));
}

/** Renews the claims of mails that are still being sent. */
export async function renewClaims(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await run(db, RENEW, [ids]);
}

interface ClaimedRow {
  id: string;
  booking_id: string;
  kind: MailKind;
  sequence: number;
  occurred_at: Date;
  attempts: number;
}

const CLAIMED_UNTIL = `now() + interval '${String(CLAIMED_FOR_SECONDS)} seconds'`;

const CLAIM = statement<ClaimedRow, [limit: number]>(
  'claim_mails',
  `UPDATE mails SET next_attempt_at = ${CLAIMED_UNTIL}, attempts = attempts + 1
   WHERE id IN (
     SELECT m.id FROM mails m
     WHERE m.status = 'due' AND m.next_attempt_at <= now() AND NOT EXISTS (
       SELECT FROM mails earlier
       WHERE earlier.booking_id = m.booking_id AND earlier.sequence < m.sequence
         AND earlier.status = 'due' AND earlier.occurred_at > now() - interval '10 minutes')
     ORDER BY m.next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
   RETURNING id, booking_id, kind, sequence, occurred_at, attempts`,
);

const RENEW = statement<object, [ids: readonly string[]]>(
  'renew_mail_claims',
  `UPDATE mails SET next_attempt_at = ${CLAIMED_UNTIL} WHERE id = ANY($1) AND status = 'due'`,
);
