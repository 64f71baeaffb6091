import type { Violation } from '../../temporal/contracts';
import { isDatabaseAway, type Db } from '../connection';

/**
 * Checks the books against the invariants, in plain SQL. Returns the violations: none if all is
 * well.
 *
 * Reads one snapshot, so that concurrent writes can't look like a fault. Does not check what only
 * Temporal knows: whether workflows agree.
 *
 * @param onFailure Called for each invariant that could not be checked; the others are still
 * checked. Without it the first failure is thrown.
 */
export async function auditBooks(db: Db, onFailure?: RuleFailed): Promise<Violation[]> {
  return db.transaction(
    async (trx) => {
      // Counting two months of seats takes longer than any statement that a customer waits for.
      await trx.raw("SET LOCAL statement_timeout = '60s'");
      const violations: Violation[] = [];
      for (const [invariant, query] of Object.entries(INVARIANTS)) {
        const ids = await check(trx, query, (reason) => {
          if (onFailure === undefined) throw reason;
          onFailure(invariant, reason.message);
        });
        if (ids.length > 0)
          violations.push({ invariant, count: ids.length, examples: ids.slice(0, EXAMPLES) });
      }
      return violations;
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

const EXAMPLES = 5;

/** Receives an invariant that could not be checked, and why. */
export type RuleFailed = (invariant: string, reason: string) => void;

/**
 * Returns what violates one invariant. A savepoint keeps the snapshot usable for the others if this
 * fails.
 */
async function check(trx: Db, query: string, onFailure: (error: Error) => void): Promise<string[]> {
  try {
    return await trx.transaction(async (savepoint) => {
      const { rows } = await savepoint.raw<{ rows: { id: string }[] }>(
        `SELECT id::text FROM (${query}) broken`,
      );
      return rows.map(({ id }) => id);
    });
  } catch (error) {
    if (!(error instanceof Error) || isDatabaseAway(error)) throw error;
    onFailure(error);
    return [];
  }
}

/** Each query selects, as `id`, what violates its invariant. */
const INVARIANTS: Record<string, string> = {
  'held + sold + free seats = capacity': `
    SELECT c.flight_id || ' ' || c.cabin AS id
    FROM flight_cabins c
    LEFT JOIN (SELECT flight_id, cabin, count(*) AS seats FROM seats GROUP BY flight_id, cabin) s
      USING (flight_id, cabin)
    WHERE s.seats IS DISTINCT FROM c.seat_count`,

  'a held seat belongs to a pending booking, a sold one to a booked one': `
    SELECT s.flight_id || ' ' || s.seat_number AS id
    FROM seats s LEFT JOIN bookings b ON b.id = s.booking_id AND b.flight_id = s.flight_id AND b.cabin = s.cabin
    WHERE s.state <> 'free'
      AND ((s.state, b.status) IN (('held', 'pending'), ('sold', 'booked'))) IS NOT TRUE`,

  'a pending or booked booking owns as many seats as it has seated passengers': `
    SELECT b.id
    FROM bookings b
    WHERE b.status IN ('pending', 'booked')
      AND (b.seat_count, b.seat_count) IS DISTINCT FROM (
        (SELECT count(*) FROM seats s WHERE s.booking_id = b.id),
        (SELECT count(*) FROM passengers p WHERE p.booking_id = b.id AND p.type <> 'infant'))`,

  'passengers sit in the seats of their booking': `
    SELECT b.id
    FROM bookings b
    WHERE b.status IN ('pending', 'booked') AND EXISTS (
      SELECT seat_number FROM seats s WHERE s.booking_id = b.id
      EXCEPT SELECT seat_number FROM passengers p WHERE p.booking_id = b.id)`,

  'a booked booking has exactly one applied capture, of its price': `
    SELECT b.id
    FROM bookings b
    WHERE b.status = 'booked' AND 1 <> (
      SELECT count(*) FROM payments p
      WHERE p.booking_id = b.id AND p.applied AND p.status = 'captured'
        AND p.amount = b.price_amount AND p.currency = b.currency)`,

  'an applied capture pays for a booking that is booked, or was': `
    SELECT p.id
    FROM payments p JOIN bookings b ON b.id = p.booking_id
    WHERE p.applied AND b.status NOT IN ('booked', 'cancelled')`,

  'every capture that is not applied has a refund of all of it': `
    SELECT p.id
    FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
    WHERE p.status = 'captured' AND NOT p.applied
      AND (r.amount, r.currency) IS DISTINCT FROM (p.amount, p.currency)`,

  'what a cancelled booking was paid is split into what goes back and what is kept': `
    SELECT b.id
    FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied
    LEFT JOIN refunds r ON r.payment_id = p.id
    WHERE b.status = 'cancelled' AND NOT EXISTS (
      SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
      WHERE t.payment_id = p.id AND t.kind = 'cancellation'
      GROUP BY t.id
      HAVING sum(l.amount) = 0 AND sum(l.amount) FILTER (WHERE l.amount > 0) = p.amount
        AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'liability:refunds'), 0) = coalesce(r.amount, 0))`,

  'an operator who cancels gives all of it back': `
    SELECT b.id
    FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied
    LEFT JOIN refunds r ON r.payment_id = p.id
    WHERE b.status = 'cancelled' AND b.cancellation_reason = 'operator_request' AND r.amount IS DISTINCT FROM p.amount`,

  'nothing of a booked booking goes back': `
    SELECT b.id
    FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied JOIN refunds r ON r.payment_id = p.id
    WHERE b.status = 'booked'`,

  'every refund that succeeded is posted, and balances': `
    SELECT r.id
    FROM refunds r
    WHERE r.status = 'succeeded' AND NOT EXISTS (
      SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
      WHERE t.payment_id = r.payment_id AND t.kind IN ('refund', 'refund_reversed')
      HAVING sum(l.amount) = 0 AND r.amount = sum(l.amount) FILTER (
        WHERE l.account IN ('liability:refunds', 'liability:unapplied_payments')))`,

  'what a provider gave back without us is posted': `
    SELECT p.id
    FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
    JOIN LATERAL (
      SELECT coalesce(sum(g.amount) FILTER (WHERE g.kind = 'refund'), 0) AS one_by_one,
        coalesce(sum(g.amount) FILTER (WHERE g.kind = 'total'), 0) AS in_sum, count(*) AS told
      FROM provider_refunds g
      WHERE (g.provider, g.provider_payment_id, g.currency) = (p.provider, p.provider_payment_id, p.currency)
        AND g.status <> 'failed'
        AND (g.refund_id = r.id::text OR g.provider_refund_id = r.provider_refund_id) IS NOT TRUE
    ) g ON true
    WHERE p.status = 'captured'
      AND (g.told > 0 OR EXISTS (
        SELECT FROM ledger_transactions t
        WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')))
      AND greatest(g.one_by_one, g.in_sum) <> (
        SELECT coalesce(sum(l.amount), 0)
        FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')
          AND l.account = 'suspense:provider_refunds')`,

  'funds that a dispute moved are posted, and no others': `
    SELECT d.provider_dispute_id AS id
    FROM disputes d JOIN payments p
      ON (p.provider, p.provider_payment_id) = (d.provider, d.provider_payment_id)
    WHERE p.status = 'captured' AND (
      d.payment_id IS DISTINCT FROM p.id
      OR (d.withdrawn_at IS NOT NULL) <> EXISTS (
        SELECT FROM ledger_transactions t
        WHERE (t.payment_id, t.kind, t.reference) = (p.id, 'dispute_withdrawn', d.provider_dispute_id))
      OR (d.reinstated_at IS NOT NULL) <> EXISTS (
        SELECT FROM ledger_transactions t
        WHERE (t.payment_id, t.kind, t.reference) = (p.id, 'dispute_reinstated', d.provider_dispute_id)))`,

  'what the ledger says that we owe is what the open refunds say': `
    SELECT p.id
    FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id AND r.status <> 'succeeded'
    WHERE p.status = 'captured' AND coalesce(r.amount, 0) <> (
      SELECT coalesce(-sum(l.amount), 0)
      FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
      WHERE t.payment_id = p.id AND l.account IN ('liability:refunds', 'liability:unapplied_payments'))`,

  "the sandbox provider's refunds are ours, a pending one explaining any other": `
    SELECT s.id
    FROM sandbox_provider.refunds s LEFT JOIN refunds r ON r.id::text = s.idempotency_key
    WHERE (r.amount = s.amount AND (r.status <> 'succeeded' OR r.provider_refund_id = s.id)) IS NOT TRUE`,

  'a settled booking keeps no payment under way for long, unless a person is to look into it': `
    SELECT p.id
    FROM payments p JOIN bookings b ON b.id = p.booking_id
    WHERE b.status IN ('booked', 'cancelled') AND p.status IN ('processing', 'authorized')
      AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id)
      AND NOT EXISTS (
        SELECT FROM booking_events e WHERE e.booking_id = b.id AND e.occurred_at > now() - interval '2 hours')`,

  'every capture is posted, and balances': `
    SELECT p.id
    FROM payments p
    WHERE p.status = 'captured' AND NOT EXISTS (
      SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
      WHERE t.payment_id = p.id AND t.kind = 'capture'
      GROUP BY t.id
      HAVING sum(l.amount) = 0 AND sum(l.amount) FILTER (WHERE l.amount > 0) = p.amount
        AND count(DISTINCT l.currency) = 1 AND min(l.currency) = p.currency)`,

  "the sandbox provider's captures are ours, a payment under way explaining any other": `
    SELECT i.id
    FROM sandbox_provider.payment_intents i LEFT JOIN payments p
      ON p.id::text = i.idempotency_key OR (p.provider, p.provider_payment_id) = ('sandbox', i.id)
    WHERE i.status = 'captured' AND (
      p.status IN ('processing', 'authorized')
      OR (p.status, p.amount, p.currency) = ('captured', i.amount, i.currency)) IS NOT TRUE`,

  "our captures of the sandbox provider's are in its books": `
    SELECT p.id
    FROM payments p
    WHERE p.provider = 'sandbox' AND p.status = 'captured' AND (p.customer_id IS NOT NULL OR p.applied)
      AND NOT EXISTS (
        SELECT FROM sandbox_provider.payment_intents i
        WHERE i.idempotency_key = p.id::text AND i.status = 'captured')
      AND NOT EXISTS (
        SELECT FROM sandbox_provider.payment_intents i
        WHERE i.id = p.provider_payment_id AND i.status = 'captured'
          AND (i.booking_id, i.amount, i.currency) = (p.booking_id::text, p.amount, p.currency))`,

  'an accepted report of a payment is on record within two minutes, unless its booking waits for a charge': `
    SELECT e.provider || ' ' || e.provider_payment_id AS id
    FROM received_payment_events e
    WHERE e.received_at < now() - interval '2 minutes' AND NOT EXISTS (
      SELECT FROM payments p
      WHERE p.booking_id = e.booking_id AND p.status IN ('processing', 'authorized'))`,

  'a hold ends within two seconds of its deadline, unless a payment is under way': `
    SELECT b.id
    FROM bookings b
    WHERE b.status = 'pending' AND b.payment_required_by < now() - interval '2 seconds'
      AND NOT EXISTS (
        SELECT FROM payments p WHERE p.booking_id = b.id AND p.status IN ('processing', 'authorized'))`,

  'nothing that was answered with success is lost': `
    SELECT o.body ->> 'id' AS id
    FROM idempotency_outcomes o
    LEFT JOIN bookings b ON o.route = 'bookings' AND b.id::text = o.body ->> 'id'
    LEFT JOIN payments p ON o.route = 'payments' AND p.id::text = o.body ->> 'id' AND p.status = 'captured'
    WHERE kind_of_outcome(o) IN ('booking_created', 'payment_captured')
      AND b.id IS NULL AND p.id IS NULL`,

  'every booking tells its history': `
    SELECT b.id
    FROM bookings b
    WHERE NOT EXISTS (
      SELECT FROM booking_events e
      WHERE e.booking_id = b.id AND e.type = ANY(CASE b.status
        WHEN 'pending' THEN ARRAY['seats_held']
        WHEN 'booked' THEN ARRAY['booked']
        ELSE ARRAY['cancelled', 'seats_refused'] END))`,
};
