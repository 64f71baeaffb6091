import type { Check } from './check';

/** By how much the completed changes of a booking `b` have changed its price. */
const CHANGED = `CASE WHEN b.change_count = 0 THEN 0 ELSE (
  SELECT coalesce(sum(c.to_pay_amount - c.to_refund_amount - c.fee_amount), 0)
  FROM changes c WHERE c.booking_id = b.id AND c.status = 'completed') END`;

/** What goes back of a booking `b` that was cancelled, of all that pays for it. */
const GOES_BACK = `
  SELECT coalesce(sum(r.amount), 0) AS amount FROM payments a JOIN refunds r ON r.payment_id = a.id
  WHERE a.booking_id = b.id AND a.applied AND r.change_id IS NULL`;

/** Invariants of bookings: what was paid for them, what goes back, and what their events say. */
export const OF_SALES: readonly Check[] = [
  {
    invariant: 'a booked booking has exactly one applied capture, of its price',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'booked' AND 1 <> (
        SELECT count(*) FROM payments p
        WHERE p.booking_id = b.id AND p.applied AND p.change_id IS NULL AND p.status = 'captured'
          AND p.amount + ${CHANGED} = b.price_amount AND p.currency = b.currency)`,
  },
  {
    invariant: 'every completed change is paid for, or given back, to the cent; no other is',
    batch: 'booking',
    query: `
      SELECT c.id, b.id AS subject
      FROM bookings b JOIN changes c ON c.booking_id = b.id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND (
        CASE WHEN c.status = 'completed' THEN c.to_pay_amount ELSE 0 END <> (
          SELECT coalesce(sum(p.amount), 0) FROM payments p
          WHERE p.booking_id = b.id AND p.change_id = c.id AND p.applied AND p.currency = c.currency)
        OR CASE WHEN c.status = 'completed' THEN c.to_refund_amount ELSE 0 END <> (
          SELECT coalesce(sum(r.amount), 0) FROM refunds r
          WHERE r.change_id = c.id AND r.currency = c.currency))`,
  },
  {
    invariant: 'a booking knows its changes: those completed, and the one that is being made',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE c.status = 'completed') AS completed,
          count(*) FILTER (WHERE c.status = 'pending') AS pending,
          count(*) FILTER (WHERE c.status = 'pending' AND c.id = b.pending_change_id) AS named
        FROM changes c WHERE c.booking_id = b.id
      ) known
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND (known.completed <> b.change_count
        OR known.pending <> known.named OR (b.pending_change_id IS NULL) <> (known.named = 0))`,
  },
  {
    invariant: 'an applied capture pays for a booking that is booked, or was',
    batch: 'booking',
    query: `
      SELECT p.id, b.id AS subject
      FROM payments p JOIN bookings b ON b.id = p.booking_id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND p.booking_id = ANY (CAST(:ids AS uuid[]))
        AND p.applied AND b.status NOT IN ('booked', 'cancelled')`,
  },
  {
    invariant: 'what a cancelled booking was paid is split into what goes back and what is kept',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied AND p.change_id IS NULL
      CROSS JOIN LATERAL (${GOES_BACK}) back
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'cancelled' AND NOT EXISTS (
        SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.booking_id = b.id AND t.kind = 'cancellation'
        HAVING sum(l.amount) = 0
          AND sum(l.amount) FILTER (WHERE l.amount > 0 AND l.account <> 'clearing:refunds') = b.price_amount
          AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'liability:refunds'), 0) = back.amount)`,
  },
  {
    // Under way, a significant schedule change gives the flights back that were not used.
    invariant: 'an operator who cancels gives all of it back',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied AND p.change_id IS NULL
      CROSS JOIN LATERAL (${GOES_BACK}) back
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'cancelled'
        AND b.cancellation_reason = 'operator_request' AND back.amount <> b.price_amount
        AND NOT EXISTS (
          SELECT FROM booking_schedule_changes o WHERE o.booking_id = b.id AND o.significant)`,
  },
  {
    invariant: 'nothing of a booked booking goes back',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied JOIN refunds r ON r.payment_id = p.id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'booked' AND r.change_id IS NULL`,
  },
  {
    invariant: 'every booking tells its history',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM booking_events e
        WHERE e.booking_id = b.id AND e.type = ANY(CASE b.status
          WHEN 'pending' THEN ARRAY['seats_held']
          WHEN 'booked' THEN ARRAY['booked']
          ELSE ARRAY['cancelled', 'seats_refused'] END))`,
  },
];
