import type { Db } from '../connection';

/** How many flights are looked at in one statement: each takes some microseconds. */
const LOOKED_AT = 2_000;

const BEFORE_THE_FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Whether the personal data of a booking `b` may be erased: it is decided, and its last flight has
 * departed before `:before`.
 */
const IS_ERASABLE = `
  b.erased_at IS NULL AND b.status IN ('booked', 'cancelled')
  AND (SELECT departure_at FROM flights f WHERE f.id = b.flight_id) < :before
  AND NOT EXISTS (SELECT FROM booking_segments g JOIN flights f ON f.id = g.flight_id
    WHERE g.booking_id = b.id AND f.departure_at >= :before)`;

/**
 * Finds the bookings whose last flight has departed before an instant and that are not erased: a
 * list for some flights at a time, by ID. The cost grows with the flights that there are, and with
 * the bookings found, not with those that are erased.
 */
export async function* pageDepartedBookings(db: Db, before: Date): AsyncGenerator<string[]> {
  let after: string | undefined = BEFORE_THE_FIRST;
  while (after !== undefined) {
    const flights: { id: string; departure_at: Date }[] = await db('flights')
      .where('id', '>', after)
      .orderBy('id')
      .limit(LOOKED_AT)
      .select('id', 'departure_at');
    const departed = flights.filter(({ departure_at: at }) => at < before).map(({ id }) => id);
    const { rows } = await db.raw<{ rows: { id: string }[] }>(
      `SELECT b.id FROM bookings b
       WHERE b.flight_id = ANY (CAST(:departed AS uuid[])) AND ${IS_ERASABLE} ORDER BY b.id`,
      { departed, before },
    );
    yield rows.map(({ id }) => id);
    after = flights.length < LOOKED_AT ? undefined : flights.at(-1)?.id;
  }
}

/** Bookings of one customer that were made until an instant. */
export interface BookingsOf {
  customerId: string;
  until: Date;
}

/** How many bookings one statement lists. */
const LISTED = 1_000;

/** Finds the same of one customer. */
export async function* pageDepartedBookingsOf(
  db: Db,
  { customerId, until }: BookingsOf,
  before: Date,
): AsyncGenerator<string[]> {
  let after: string | undefined = BEFORE_THE_FIRST;
  while (after !== undefined) {
    const { rows }: { rows: { id: string }[] } = await db.raw<{ rows: { id: string }[] }>(
      `SELECT b.id FROM bookings b
       WHERE b.customer_id = :customerId AND b.created_at <= :until AND b.id > CAST(:after AS uuid)
         AND ${IS_ERASABLE}
       ORDER BY b.id LIMIT ${LISTED}`,
      { customerId, until, before, after },
    );
    yield rows.map(({ id }) => id);
    after = rows.length < LISTED ? undefined : rows.at(-1)?.id;
  }
}

/** Counts the bookings of a customer that are not erased yet. */
export async function countUnerased(db: Db, { customerId, until }: BookingsOf): Promise<number> {
  const rows = await db('bookings')
    .where({ customer_id: customerId, erased_at: null })
    .where('created_at', '<=', until)
    .count<{ count: number }[]>('* as count');
  return rows[0]?.count ?? 0;
}
