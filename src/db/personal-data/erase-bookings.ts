import { BATCH_LIMITS } from '../batch-limits';
import type { Db } from '../connection';

/** A batch is one transaction, which takes a tenth of a second. */
export const BATCH = 100;

/**
 * Blanks the personal data of bookings: names, titles, dates of birth, loyalty numbers, addresses,
 * phones, metadata, and the responses that their keys are bound to. What was sold, paid and posted
 * stays, and so do the events, which name nobody. One transaction. Returns how many it erased.
 *
 * Safe to repeat and to run twice at once: bookings that are erased, or that another run has in
 * hand, are left out.
 */
export async function eraseBookings(db: Db, bookingIds: readonly string[]): Promise<number> {
  return db.transaction(async (trx) => {
    await trx.raw(BATCH_LIMITS);
    const { rows } = await trx.raw<{ rows: { id: string }[] }>(
      `SELECT id FROM bookings WHERE id = ANY (CAST(:bookingIds AS uuid[])) AND erased_at IS NULL
       ORDER BY id FOR UPDATE SKIP LOCKED`,
      { bookingIds: [...bookingIds] },
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await trx('passengers').whereIn('booking_id', ids).update(NOBODY);
    await eraseOutcomes(trx, ids);
    await trx('bookings').whereIn('id', ids).update({
      contact_email: null,
      contact_phone: null,
      metadata: null,
      erased_at: new Date(),
    });
    return ids.length;
  });
}

/** A passenger of whom nothing is known but that they flew, as what, and where they sat. */
const NOBODY = {
  given_name: null,
  family_name: '',
  title: null,
  born_on: null,
  loyalty_number: null,
  booked_name: null,
};

const ERASE_OUTCOMES = `UPDATE idempotency_outcomes o SET kind = 'erased', body = 'null', fingerprint = ''`;

/**
 * Blanks what keys are bound to that shows passengers, or whose requests named them: bookings that
 * were created, refused or amended, and changes. The digests of the requests go, too, since names
 * could be guessed by them.
 */
async function eraseOutcomes(trx: Db, ids: string[]): Promise<void> {
  await trx.raw(
    `${ERASE_OUTCOMES}
     WHERE o.route = 'bookings' AND o.body ->> 'id' = ANY (CAST(? AS text[]))`,
    [ids],
  );
  // Refusals of earlier releases don't say of which booking. They have the time of its event, to the
  // microsecond: one transaction wrote both.
  await trx.raw(
    `${ERASE_OUTCOMES}
     FROM bookings b JOIN booking_events e ON e.booking_id = b.id AND e.type = 'seats_refused'
     WHERE b.id = ANY (CAST(? AS uuid[])) AND o.route = 'bookings' AND o.caller_id = b.customer_id
       AND o.created_at = e.occurred_at AND o.body ->> 'id' IS NULL AND o.fingerprint <> ''`,
    [ids],
  );
  await trx.raw(
    `${ERASE_OUTCOMES}
     WHERE o.route IN ('passengers', 'seats') AND o.body ->> 'id' = ANY (CAST(? AS text[]))`,
    [ids],
  );
  await trx.raw(
    `${ERASE_OUTCOMES}
     FROM changes c
     WHERE c.booking_id = ANY (CAST(? AS uuid[])) AND o.route = 'changes'
       AND (o.caller_id, o.key) = (c.caller_id, c.idempotency_key)
       AND kind_of_outcome(o) = 'change_completed'`,
    [ids],
  );
}
