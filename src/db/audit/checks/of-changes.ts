import type { Check } from './check';

/** The change of a booking `b` that was completed last; changes of one booking come one by one. */
const LAST_CHANGE = `
  SELECT c.id FROM changes c WHERE c.booking_id = b.id AND c.status = 'completed'
  ORDER BY c.created_at DESC LIMIT 1`;

/** Invariants of changes: their money, their flights, and how long they take. */
export const OF_CHANGES: readonly Check[] = [
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
    invariant:
      'what a booked booking was paid, less what went back, is its price and its change fees',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'booked' AND b.change_count > 0
        AND b.price_amount + (
            SELECT coalesce(sum(c.fee_amount), 0) FROM changes c
            WHERE c.booking_id = b.id AND c.status = 'completed') <> (
          SELECT coalesce(sum(p.amount - (
            SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.payment_id = p.id)), 0)
          FROM payments p WHERE p.booking_id = b.id AND p.applied)`,
  },
  {
    // Its seats are counted flight by flight: it owns one for each passenger on these, and no other.
    invariant: 'a changed booking has exactly the flights of its last change, at the price of each',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status = 'booked' AND b.change_count > 0
        AND EXISTS (
          SELECT FROM (
            SELECT g.position, g.flight_id, g.cabin, g.base_amount + g.taxes_amount + g.fees_amount AS amount
            FROM booking_segments g WHERE g.booking_id = b.id
            UNION ALL
            SELECT 0, b.flight_id, b.cabin, b.price_amount WHERE b.segment_count = 1
          ) present
          FULL JOIN (
            SELECT w.position, w.flight_id, w.cabin, w.base_amount + w.taxes_amount + w.fees_amount AS amount
            FROM change_segments w WHERE w.change_id = (${LAST_CHANGE})
          ) wanted USING (position)
          WHERE (present.flight_id, present.cabin, present.amount)
            IS DISTINCT FROM (wanted.flight_id, wanted.cabin, wanted.amount))`,
  },
  {
    // A quarter of an hour to pay, and an hour in which the provider is asked what became of that.
    invariant: 'a change is completed or has failed within two hours',
    batch: 'open',
    keptAs: 'booking',
    query: `
      SELECT c.id, c.booking_id AS subject FROM changes c
      WHERE c.status = 'pending' AND c.created_at < now() - interval '2 hours'`,
  },
];
