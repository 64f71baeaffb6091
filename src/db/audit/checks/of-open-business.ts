import type { Check } from './check';

/** Invariants of what is open. Each reads an index that holds nothing else. */
export const OF_OPEN_BUSINESS: readonly Check[] = [
  {
    invariant:
      'a settled booking keeps no payment under way for long, unless a person is to look into it',
    batch: 'open',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p JOIN bookings b ON b.id = p.booking_id
      WHERE b.status IN ('booked', 'cancelled') AND p.status IN ('processing', 'authorized')
        AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id)
        AND NOT EXISTS (
          SELECT FROM booking_events e WHERE e.booking_id = b.id AND e.occurred_at > now() - interval '2 hours')`,
  },
  {
    invariant:
      'an accepted report of a payment is on record within two minutes, unless its booking waits for a charge',
    batch: 'open',
    query: `
      SELECT e.provider || ' ' || e.provider_payment_id AS id, e.booking_id AS subject
      FROM received_payment_events e
      WHERE e.received_at < now() - interval '2 minutes' AND NOT EXISTS (
        SELECT FROM payments p
        WHERE p.booking_id = e.booking_id AND p.status IN ('processing', 'authorized'))`,
  },
  {
    invariant: 'a hold ends within two seconds of its deadline, unless a payment is under way',
    batch: 'open',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.status = 'pending' AND b.payment_required_by < now() - interval '2 seconds'
        AND NOT EXISTS (
          SELECT FROM payments p WHERE p.booking_id = b.id AND p.status IN ('processing', 'authorized'))`,
  },
];
