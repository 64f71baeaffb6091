import type { Db } from '../../src/db/connection';

/**
 * Bookings of flights that are still to leave, as if customers had bought them a day ago. Every row
 * of them is there, also the provider's; they have no workflow yet.
 *
 * One statement a table writes them, and the rules are off meanwhile: the auditor looks at each row
 * afterwards.
 */

/** What a booking of one flight, for one adult in economy, is made of. */
const SALES = `
  CREATE TEMP TABLE ahead ON COMMIT DROP AS
  SELECT numbered.*, gen_random_uuid() AS id, gen_random_uuid() AS payment_id,
    gen_random_uuid() AS capture_id, 'ahead-customer-' || n AS customer_id,
    'ahead-' || seat AS key, now() - interval '1 day' AS at, now() - interval '23 hours' AS paid_at,
    (SELECT string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ',
        (1 + ((((n * 387420489 + 54321) % 1073741824) >> (5 * position)) & 31))::integer, 1), '')
      FROM generate_series(0, 5) AS position) AS reference
  FROM (
    SELECT s.flight_id, s.seat_number, s.flight_id || s.seat_number AS seat, c.currency,
      c.base_amount, c.taxes_amount, c.fees_amount, c.refundable, c.cancellation_fee_amount,
      c.base_amount + c.taxes_amount + c.fees_amount AS amount,
      row_number() OVER (ORDER BY f.place, s.row_number, s.seat_number) AS n,
      row_number() OVER (PARTITION BY s.flight_id ORDER BY s.row_number, s.seat_number) AS of_flight
    FROM unnest(CAST(:flights AS uuid[])) WITH ORDINALITY AS f (id, place)
    JOIN seats s ON s.flight_id = f.id AND s.cabin = 'economy' AND s.state = 'free'
    JOIN flight_cabins c ON c.flight_id = s.flight_id AND c.cabin = s.cabin
  ) numbered
  WHERE of_flight <= :ofFlight ORDER BY n LIMIT :count`;

const STATEMENTS = [
  `INSERT INTO bookings (id, reference, customer_id, flight_id, cabin, status, seat_count, base_amount,
     taxes_amount, fees_amount, price_amount, currency, payment_required_by, created_at, refundable,
     cancellation_fee_amount)
   SELECT id, reference, customer_id, flight_id, 'economy', 'booked', 1, base_amount, taxes_amount,
     fees_amount, amount, currency, at + interval '15 minutes', at, refundable,
     cancellation_fee_amount FROM ahead`,
  `UPDATE seats SET state = 'sold', booking_id = ahead.id FROM ahead
   WHERE seats.flight_id = ahead.flight_id AND seats.seat_number = ahead.seat_number`,
  `INSERT INTO passengers (booking_id, position, given_name, family_name, type, seat_number)
   SELECT id, 0, 'Ada', 'Lovelace', 'adult', seat_number FROM ahead`,
  `INSERT INTO payments (id, booking_id, customer_id, idempotency_key, request_fingerprint, status,
     applied, amount, currency, provider, provider_payment_id, captured_at, created_at)
   SELECT payment_id, id, customer_id, key, md5(key), 'captured', true, amount, currency, 'sandbox',
     'spi_' || payment_id, paid_at, paid_at FROM ahead`,
  `INSERT INTO ledger_transactions (id, kind, booking_id, payment_id, occurred_at)
   SELECT capture_id, 'capture', id, payment_id, paid_at FROM ahead`,
  `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
   SELECT capture_id, account, posted, currency FROM ahead CROSS JOIN LATERAL (VALUES
     ('receivable:sandbox', amount), ('revenue:fares', -base_amount),
     ('liability:taxes', -taxes_amount), ('revenue:fees', -fees_amount)) AS p (account, posted)
   WHERE posted <> 0`,
  `INSERT INTO booking_events (booking_id, type, actor, actor_kind, occurred_at)
   SELECT id, type, customer_id, 'customer', occurred_at FROM ahead CROSS JOIN LATERAL (VALUES
     ('seats_held', at), ('payment_started', paid_at), ('booked', paid_at)) AS e (type, occurred_at)
   ORDER BY occurred_at`,
  `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, status_code, body, created_at)
   SELECT customer_id, route, key, md5(key), kind, 201, json_build_object('id', of_what), bound_at
   FROM ahead CROSS JOIN LATERAL (VALUES ('bookings', 'booking_created', id, at),
     ('payments', 'payment_captured', payment_id, paid_at)) AS o (route, kind, of_what, bound_at)`,
  `INSERT INTO sandbox_provider.payment_intents
     (id, idempotency_key, booking_id, amount, currency, payment_method, status, created_at, captured_at)
   SELECT 'spi_' || payment_id, payment_id, id, amount, currency, 'pm_card_visa', 'captured', paid_at, paid_at
   FROM ahead`,
];

/** Flights that are sold, and how many of their seats. */
export interface SoldAhead {
  flights: readonly string[];
  /** In all, on one flight after the other. */
  count: number;
  /** At most so many on each flight. */
  ofFlight: number;
}

/**
 * Sells seats of these flights in economy, one to a booking; once in a database. Returns the
 * bookings' IDs, in the order of their flights.
 *
 * @throws Error when the flights have too few free seats; nothing is written.
 */
export async function sellAhead(
  db: Db,
  { flights, count, ofFlight }: SoldAhead,
): Promise<string[]> {
  return db.transaction(async (trx) => {
    await trx.raw(`SET LOCAL statement_timeout = 0; SET LOCAL session_replication_role = replica`);
    await trx.raw(SALES, { flights: `{${flights.join()}}`, ofFlight, count });
    const { rows } = await trx.raw<{ rows: { id: string }[] }>('SELECT id FROM ahead ORDER BY n');
    if (rows.length < count)
      throw new Error(`These flights have ${rows.length} free seats, not ${count}.`);
    for (const statement of STATEMENTS) await trx.raw(statement);
    return rows.map(({ id }) => id);
  });
}
