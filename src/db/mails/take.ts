import { mailKindOf, MAX_HELD_MAILS_PER_DAY, type MailKind } from '../../domain/mail';
import type { OutgoingEvent } from '../../domain/outgoing-event';
import type { Db } from '../connection';
import { namedLock } from '../named-lock';
import { takeOutgoingEvents } from '../outgoing-events/take';
import { run, runOne, statement } from '../statement';

/** A transaction of this many takes a fraction of a second. */
const BATCH = 100;

const LOCK_ADDRESS = namedLock('lock_mail_address');

/**
 * Records a mail for each event that contacts of bookings are to hear of, up to a hundred. Returns
 * how many events there were.
 *
 * A `held` mail is withheld when its address got {@link MAX_HELD_MAILS_PER_DAY} within 24 hours.
 *
 * Safe to repeat, and concurrently: an event is taken once, with its mail.
 */
export async function takeMails(db: Db): Promise<number> {
  return db.transaction(async (trx) => {
    const events = await takeOutgoingEvents(trx, 'mail', BATCH);
    for (const event of events) {
      const kind = mailKindOf(event.type);
      if (kind !== undefined) await record(trx, event, kind);
    }
    return events.length;
  });
}

async function record(trx: Db, event: OutgoingEvent, kind: MailKind): Promise<void> {
  const isWithheld = kind === 'held' && (await hasEnoughHeldMails(trx, event));
  await trx('mails')
    .insert({
      id: event.id,
      booking_id: event.bookingId,
      kind,
      sequence: event.sequence,
      occurred_at: event.occurredAt,
      status: isWithheld ? 'withheld' : 'due',
      next_attempt_at: isWithheld ? null : event.occurredAt,
      settled_at: isWithheld ? new Date() : null,
    })
    .onConflict('id')
    .ignore();
}

/** Whether the address of a booking gets no more `held` mails for now. */
async function hasEnoughHeldMails(trx: Db, { bookingId, occurredAt }: OutgoingEvent) {
  const [booking] = await run(trx, READ_ADDRESS, [bookingId]);
  if (!booking?.address) return true;
  // Mails to one address are counted one after another.
  await run(trx, LOCK_ADDRESS, [`mail/${booking.address}`]);
  const { count } = await runOne(trx, COUNT_HELD_MAILS, [booking.address, occurredAt]);
  return count >= MAX_HELD_MAILS_PER_DAY;
}

const READ_ADDRESS = statement<{ address: string | null }, [bookingId: string]>(
  'read_mail_address',
  'SELECT lower(contact_email) AS address FROM bookings WHERE id = $1',
);

/** A hold begins with its booking, but for the minutes in which no worker ran. */
const COUNT_HELD_MAILS = statement<{ count: number }, [address: string, at: Date]>(
  'count_held_mails',
  `SELECT count(*) AS count FROM bookings b JOIN mails m ON m.booking_id = b.id
   WHERE lower(b.contact_email) = $1 AND b.created_at > $2::timestamptz - interval '2 days'
     AND m.kind = 'held' AND m.status <> 'withheld'
     AND m.occurred_at > $2::timestamptz - interval '1 day'`,
);
