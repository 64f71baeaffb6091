import type { MailKind, MailStatus } from '../../domain/mail';
import type { Db } from '../connection';

/** A mail to the contact of a booking, without its address. */
export interface BookingMail {
  kind: MailKind;
  status: MailStatus;
  attempts: number;
  /** The code with which the mail server refused it last. */
  lastReply: number | null;
  /** When it was sent or given up, else when its event occurred; ISO 8601. */
  at: string;
}

/** Lists the mails of a booking: the newest so many. */
export async function listBookingMails(
  db: Db,
  bookingId: string,
  limit: number,
): Promise<BookingMail[]> {
  const rows = await db('mails')
    .where({ booking_id: bookingId })
    .orderBy('sequence', 'desc')
    .limit(limit);
  return rows.map((row) => ({
    kind: row.kind as MailKind,
    status: row.status as MailStatus,
    attempts: row.attempts,
    lastReply: row.last_reply,
    at: (row.settled_at ?? row.occurred_at).toISOString(),
  }));
}
