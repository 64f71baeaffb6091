import { retryDelayMs, type MailStatus } from '../../domain/mail';
import type { Db } from '../connection';
import type { DueMail } from './claim';

/**
 * Records what became of a mail for good. `reply` is the mail server's code, null if it gave none.
 *
 * Safe to repeat: what is recorded stays.
 */
export async function settleMail(
  db: Db,
  { id }: DueMail,
  status: Exclude<MailStatus, 'due'>,
  reply: number | null = null,
): Promise<void> {
  await db('mails').where({ id, status: 'due' }).update({
    status,
    next_attempt_at: null,
    settled_at: new Date(),
    last_reply: reply,
  });
}

/**
 * Puts off a mail that the server does not take for now, or that cannot be composed. Returns
 * `expired` if that has lasted for days: it is not sent any more.
 */
export async function postponeMail(
  db: Db,
  mail: DueMail,
  reply: number | null,
): Promise<'due' | 'expired'> {
  const delayMs = retryDelayMs(mail.attempts);
  if (delayMs === undefined) {
    await settleMail(db, mail, 'expired', reply);
    return 'expired';
  }
  await db('mails')
    .where({ id: mail.id, status: 'due' })
    .update({ next_attempt_at: new Date(Date.now() + delayMs), last_reply: reply });
  return 'due';
}

/** How long a mail waits, in milliseconds, whose server was away. */
const PUT_OFF_MS = 30_000;

/**
 * Puts off a mail because its server was away, which is no attempt. However long that lasts, the
 * mail is sent in the end.
 */
export async function putOffMail(db: Db, { id, attempts }: DueMail): Promise<void> {
  await db('mails')
    .where({ id, status: 'due' })
    .update({ next_attempt_at: new Date(Date.now() + PUT_OFF_MS), attempts: attempts - 1 });
}
