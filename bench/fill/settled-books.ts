import type { Db } from '../../src/db/connection';

/**
 * Settled bookings, as if a shop had sold them over the past year: booked and flown, cancelled with
 * a refund, and holds that expired. Every row of them is there, also the provider's.
 *
 * Statements write many rows at once, and the rules are off meanwhile: the rows follow them by
 * construction, which `npm run audit -- --full` shows.
 */

/** Of a flight's bookings: 170 booked, 30 cancelled after the sale, 20 that nobody paid for. */
const BOOKINGS_OF_FLIGHT = 220;
const BOOKED = 170;
const CANCELLED_UNTIL = 200;
const SEATS_OF_FLIGHT = 180;
const FLIGHTS_OF_DAY = 50;

/** How many bookings are written in one transaction: a whole number of flights. */
export const BOOKINGS_OF_CHUNK = 100 * BOOKINGS_OF_FLIGHT;

/** Triggers that note changes by hand for the auditor, although the rules are off. */
const NOTING = [
  ['bookings', 'bookings_by_hand_are_audited'],
  ['seats', 'new_seats_are_audited'],
  ['flight_cabins', 'new_cabins_are_audited'],
  ['passengers', 'passengers_by_hand_are_audited'],
  ['booking_events', 'booking_events_by_hand_are_audited'],
  ['payments', 'payments_by_hand_are_audited'],
  ['refunds', 'refunds_are_audited'],
  ['ledger_transactions', 'ledger_transactions_by_hand_are_audited'],
  ['ledger_postings', 'ledger_postings_by_hand_are_audited'],
  ['idempotency_outcomes', 'idempotency_outcomes_by_hand_are_audited'],
  ['sandbox_provider.payment_intents', 'payment_intents_by_hand_are_audited'],
  ['sandbox_provider.refunds', 'refunds_by_hand_are_audited'],
] as const;

/**
 * Writes the bookings of one chunk; `first` is the number of its first booking, which no earlier
 * chunk has had. Returns how many were written. A reference that is taken already is left out.
 */
export async function fillChunk(db: Db, first: number, count: number): Promise<number> {
  return db.transaction(async (trx) => {
    await trx.raw(`SET LOCAL statement_timeout = 0; SET LOCAL synchronous_commit = off;
      SET LOCAL work_mem = '128MB'; SET LOCAL session_replication_role = replica`);
    await switchNoting(trx, 'DISABLE');
    await trx.raw(SALES, { first, last: first + count - 1 });
    await trx.raw('ANALYZE sales');
    for (const statement of STATEMENTS) await trx.raw(statement);
    await switchNoting(trx, 'ENABLE ALWAYS');
    const { rows } = await trx.raw<{ rows: [{ bookings: number }] }>(
      'SELECT count(*) AS bookings FROM sales',
    );
    await trx.raw('DROP TABLE sales');
    return rows[0].bookings;
  });
}

async function switchNoting(trx: Db, how: 'DISABLE' | 'ENABLE ALWAYS'): Promise<void> {
  await trx.raw(
    NOTING.map(([table, trigger]) => `ALTER TABLE ${table} ${how} TRIGGER ${trigger}`).join(';'),
  );
}

/** An ID that follows from a booking's number. */
const idOf = (what: string) => `md5('${what}/' || n)::uuid`;

/** One row for each booking of the chunk: all that its other rows are made of. */
const SALES = `
  CREATE TEMP TABLE sales AS
  SELECT numbered.*, at + interval '1 minute' AS paid_at, at + interval '1 day 1 hour' AS cancelled_at,
    CASE WHEN place < ${BOOKED} THEN 'booked' WHEN place < ${CANCELLED_UNTIL} THEN 'refunded' ELSE 'expired' END AS fate,
    (1 + place % ${SEATS_OF_FLIGHT} / 6) || substr('ABCDEF', (1 + place % 6)::integer, 1) AS seat_number
  FROM (
    SELECT n, n % ${BOOKINGS_OF_FLIGHT} AS place, ${idOf('booking')} AS id, ${idOf('payment')} AS payment_id,
      ${idOf('refund')} AS refund_id, ${idOf('capture')} AS capture_id,
      ${idOf('cancellation')} AS cancellation_id, ${idOf('return')} AS return_id,
      md5('flight/' || n / ${BOOKINGS_OF_FLIGHT})::uuid AS flight_id, n / ${BOOKINGS_OF_FLIGHT} AS flight,
      'filled-customer-' || n % 100003 AS customer_id, 'key-' || n AS key,
      date_trunc('day', now()) - make_interval(days => 1 + (n / ${BOOKINGS_OF_FLIGHT} / ${FLIGHTS_OF_DAY})::integer)
        - make_interval(secs => 7200 + n * 7919 % 2592000) AS at,
      (SELECT string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ',
          (1 + ((((n * 387420489 + 12345) % 1073741824) >> (5 * position)) & 31))::integer, 1), '')
        FROM generate_series(0, 5) AS position) AS reference
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
  ) numbered
  WHERE NOT EXISTS (SELECT FROM bookings b WHERE b.reference = numbered.reference)`;

const STATEMENTS = [
  `INSERT INTO carriers VALUES ('ZZ', 'Filled Air') ON CONFLICT DO NOTHING`,
  `INSERT INTO airports VALUES ('LHR', 'London Heathrow', 'Europe/London'),
     ('JFK', 'New York Kennedy', 'America/New_York') ON CONFLICT DO NOTHING`,
  `INSERT INTO flights (id, carrier_code, flight_number, origin, destination, departure_date,
     departure_at, arrival_at, aircraft_model, distance_miles)
   SELECT flight_id, 'ZZ', 'ZZ' || 1 + flight % 9999, 'LHR', 'JFK', left_on,
     left_on + interval '12 hours', left_on + interval '20 hours', 'A320', 3451
   FROM (SELECT DISTINCT flight_id, flight, current_date - (1 + flight / ${FLIGHTS_OF_DAY})::integer AS left_on
     FROM sales) flights`,
  `INSERT INTO flight_cabins (flight_id, cabin, seat_count, base_amount, taxes_amount, fees_amount,
     cancellation_fee_amount, currency, refundable)
   SELECT DISTINCT flight_id, 'economy', ${SEATS_OF_FLIGHT}, 10000, 1500, 500, 5000, 'USD', true FROM sales`,
  `INSERT INTO bookings (id, reference, customer_id, flight_id, cabin, status, cancellation_reason,
     seat_count, base_amount, taxes_amount, fees_amount, price_amount, currency, contact_email,
     payment_required_by, created_at, refundable, cancellation_fee_amount)
   SELECT id, reference, customer_id, flight_id, 'economy',
     CASE fate WHEN 'booked' THEN 'booked' ELSE 'cancelled' END,
     CASE fate WHEN 'refunded' THEN 'customer_request' WHEN 'expired' THEN 'payment_expired' END,
     1, 10000, 1500, 500, 12000, 'USD', 'ada@example.com', at + interval '15 minutes', at, true, 5000
   FROM sales`,
  `INSERT INTO seats (flight_id, seat_number, row_number, cabin, state, booking_id)
   SELECT f.flight_id, (1 + seat / 6) || substr('ABCDEF', 1 + seat % 6, 1), 1 + seat / 6, 'economy',
     CASE WHEN s.id IS NULL THEN 'free' ELSE 'sold' END, s.id
   FROM (SELECT DISTINCT flight_id FROM sales) f CROSS JOIN generate_series(0, ${SEATS_OF_FLIGHT - 1}) AS seat
   LEFT JOIN sales s ON s.flight_id = f.flight_id AND s.place = seat AND s.fate = 'booked'`,
  `INSERT INTO passengers (booking_id, position, given_name, family_name, type, seat_number)
   SELECT id, 0, 'Ada', 'Lovelace', 'adult', seat_number FROM sales`,
  `INSERT INTO payments (id, booking_id, customer_id, idempotency_key, request_fingerprint, status,
     applied, amount, currency, provider, provider_payment_id, captured_at, created_at)
   SELECT payment_id, id, customer_id, key, md5(key), 'captured', true, 12000, 'USD', 'sandbox',
     'spi_' || payment_id, paid_at, paid_at FROM sales WHERE fate <> 'expired'`,
  `INSERT INTO refunds (id, payment_id, status, amount, currency, reason, provider_refund_id, created_at)
   SELECT refund_id, payment_id, 'succeeded', 7000, 'USD', 'customer_request', 'sre_' || refund_id, cancelled_at
   FROM sales WHERE fate = 'refunded'`,
  `INSERT INTO ledger_transactions (id, kind, booking_id, payment_id, occurred_at)
   SELECT capture_id, 'capture', id, payment_id, paid_at FROM sales WHERE fate <> 'expired'
   UNION ALL SELECT cancellation_id, 'cancellation', id, payment_id, cancelled_at FROM sales WHERE fate = 'refunded'
   UNION ALL SELECT return_id, 'refund', id, payment_id, cancelled_at FROM sales WHERE fate = 'refunded'`,
  `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
   SELECT capture_id, account, amount, 'USD' FROM sales CROSS JOIN (VALUES ('receivable:sandbox', 12000),
     ('revenue:fares', -10000), ('liability:taxes', -1500), ('revenue:fees', -500)) AS p (account, amount)
     WHERE fate <> 'expired'
   UNION ALL SELECT cancellation_id, account, amount, 'USD' FROM sales CROSS JOIN (VALUES ('revenue:fares', 10000),
     ('liability:taxes', 1500), ('revenue:fees', 500), ('liability:refunds', -7000),
     ('revenue:cancellation_fees', -5000)) AS p (account, amount) WHERE fate = 'refunded'
   UNION ALL SELECT return_id, account, amount, 'USD' FROM sales CROSS JOIN (VALUES ('liability:refunds', 7000),
     ('receivable:sandbox', -7000)) AS p (account, amount) WHERE fate = 'refunded'`,
  `INSERT INTO booking_events (booking_id, type, actor, actor_kind, reason, occurred_at)
   SELECT id, type, CASE kind WHEN 'customer' THEN customer_id ELSE kind END, kind, reason, occurred_at
   FROM sales CROSS JOIN LATERAL (VALUES
     ('seats_held', 'customer', NULL, at, true), ('payment_started', 'customer', NULL, at, fate <> 'expired'),
     ('booked', 'customer', NULL, paid_at, fate <> 'expired'),
     ('cancelled', 'customer', 'customer_request', cancelled_at, fate = 'refunded'),
     ('refunded', 'system', NULL, cancelled_at, fate = 'refunded'),
     ('cancelled', 'system', 'payment_expired', at + interval '15 minutes', fate = 'expired')
   ) AS e (type, kind, reason, occurred_at, is_so) WHERE is_so ORDER BY occurred_at`,
  `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, status_code, body, created_at)
   SELECT customer_id, route, key, md5(key), kind, 201, json_build_object('id', of_what, 'reference', reference,
     'status', 'pending', 'price', json_build_object('amount', 12000, 'currency', 'USD'), 'passengers',
     json_build_array(json_build_object('givenName', 'Ada', 'familyName', 'Lovelace', 'type', 'adult',
       'seatNumber', seat_number)), 'createdAt', at), bound_at
   FROM sales CROSS JOIN LATERAL (VALUES ('bookings', 'booking_created', id, at, true),
     ('payments', 'payment_captured', payment_id, paid_at, fate <> 'expired'))
     AS o (route, kind, of_what, bound_at, is_so) WHERE is_so`,
  `INSERT INTO sandbox_provider.payment_intents
     (id, idempotency_key, booking_id, amount, currency, payment_method, status, created_at, captured_at)
   SELECT 'spi_' || payment_id, payment_id, id, 12000, 'USD', 'pm_card_visa', 'captured', paid_at, paid_at
   FROM sales WHERE fate <> 'expired'`,
  `INSERT INTO sandbox_provider.refunds (id, idempotency_key, payment_intent_id, amount, created_at)
   SELECT 'sre_' || refund_id, refund_id, 'spi_' || payment_id, 7000, cancelled_at
   FROM sales WHERE fate = 'refunded'`,
];
