import { readBooking } from '../../db/bookings/booking-view';
import type { Db } from '../../db/connection';
import { readChangeCost } from '../../db/mails/change-cost-view';
import type { DueMail } from '../../db/mails/claim';
import { readContactAddress } from '../../db/mails/contact-view';
import { hasLaterChange } from '../../db/mails/later-change-view';
import { compose, type ComposedMail } from '../../notifications/mail/compose';
import type { Sender } from '../../mail-settings';
import type {} from '../../notifications/mail/mail';
import { messageIdOf } from '../../notifications/mail/message-id';
import type { MailServer, SendingResult } from '../../notifications/mail/smtp';

/** `no_address`: the booking has no contact any more. `not_composed`: a fault of ours, logged. */
export type Attempt = SendingResult | { outcome: 'no_address' } | { outcome: 'not_composed' };

/**
 * Sends a mail that is due, with what its booking is now. Returns what the server says.
 *
 * Repeated, the recipient may get it twice, under the same `Message-ID`.
 *
 * @throws when the database is unavailable; nothing was sent then.
 */
export async function sendMail(
  db: Db,
  mail: DueMail,
  { server, sender }: { server: MailServer; sender: Sender },
  onFault: (error: unknown) => void,
): Promise<Attempt> {
  const to = await readContactAddress(db, mail.bookingId);
  if (to === undefined) return { outcome: 'no_address' };
  const composed = await composeMail(db, mail, sender, onFault);
  if (composed === undefined) return { outcome: 'not_composed' };
  return server.send({ ...composed, to, messageId: messageIdOf(mail.id, sender) });
}

async function composeMail(
  db: Db,
  { id, kind, bookingId, occurredAt, sequence }: DueMail,
  sender: Sender,
  onFault: (error: unknown) => void,
): Promise<ComposedMail | undefined> {
  const found = await readBooking(db, bookingId);
  if (found === undefined) throw new Error(`Bug: booking ${bookingId} is not in the database`);
  const change = kind === 'changed' ? await readChangeCost(db, id) : undefined;
  const isChangedSince = await hasLaterChange(db, id);
  const { booking } = found;
  try {
    const event = { kind, occurredAt, sequence };
    return compose({ ...event, booking, change: change ?? null, isChangedSince }, sender);
  } catch (error) {
    onFault(error);
    return undefined;
  }
}
