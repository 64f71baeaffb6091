import type { Db } from '../connection';

/**
 * Turns mail on: from now on, events of bookings with a contact are recorded for it. It stays on
 * without a mail server, and mails wait.
 *
 * Safe to repeat, and from several workers at once.
 */
export async function turnMailOn(db: Db): Promise<void> {
  await db('mail_delivery').where({ is_on: false }).update({ is_on: true });
}
