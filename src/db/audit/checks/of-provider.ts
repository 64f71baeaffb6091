import { UUID, type Check } from './check';

const CAPTURES_ARE_OURS =
  "the sandbox provider's captures are ours, a payment under way explaining any other";
const REFUNDS_ARE_OURS =
  "the sandbox provider's refunds are ours, a pending one explaining any other";

/** The provider's IDs of our payments: by our key, and by the ID that we have on record. */
const OF_OUR_PAYMENTS = `
  SELECT j.id FROM sandbox_provider.payment_intents j
    WHERE j.idempotency_key = ANY (CAST(:ids AS text[]))
  UNION ALL SELECT q.provider_payment_id FROM payments q
    WHERE q.id = ANY (CAST(:ids AS uuid[])) AND q.provider = 'sandbox'`;

/** Selects captures that no payment of ours explains. It is found by key or by the provider's ID. */
function unknownCaptures(which: string): string {
  return `
    SELECT i.id, i.id AS subject
    FROM sandbox_provider.payment_intents i LEFT JOIN LATERAL (
      SELECT q.id, q.status, q.amount, q.currency FROM payments q
        WHERE q.id = CASE WHEN i.idempotency_key ~ '${UUID}' THEN CAST(i.idempotency_key AS uuid) END
      UNION ALL SELECT q.id, q.status, q.amount, q.currency FROM payments q
        WHERE (q.provider, q.provider_payment_id) = ('sandbox', i.id)
    ) p ON true
    WHERE ${which} AND i.status = 'captured' AND (
      p.status IN ('processing', 'authorized')
      OR (p.status, p.amount, p.currency) = ('captured', i.amount, i.currency)) IS NOT TRUE`;
}

function unknownRefunds(which: string): string {
  return `
    SELECT s.id, s.id AS subject
    FROM sandbox_provider.refunds s LEFT JOIN refunds r
      ON r.id = CASE WHEN s.idempotency_key ~ '${UUID}' THEN CAST(s.idempotency_key AS uuid) END
    WHERE ${which}
      AND (r.amount = s.amount AND (r.status <> 'succeeded' OR r.provider_refund_id = s.id)) IS NOT TRUE`;
}

/** Checks between our books and those of the sandbox provider, in both directions. */
export const OF_PROVIDER: readonly Check[] = [
  {
    invariant: "our captures of the sandbox provider's are in its books",
    batch: 'payment',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p
      WHERE p.id = ANY (CAST(:ids AS uuid[]))
        AND p.provider = 'sandbox' AND p.status = 'captured' AND (p.customer_id IS NOT NULL OR p.applied)
        AND NOT EXISTS (
          SELECT FROM sandbox_provider.payment_intents i
          WHERE i.idempotency_key = CAST(p.id AS text) AND i.status = 'captured')
        AND NOT EXISTS (
          SELECT FROM sandbox_provider.payment_intents i
          WHERE i.id = p.provider_payment_id AND i.status = 'captured'
            AND (i.booking_id, i.amount, i.currency) = (CAST(p.booking_id AS text), p.amount, p.currency))`,
  },
  {
    invariant: CAPTURES_ARE_OURS,
    batch: 'payment',
    query: unknownCaptures(`i.id IN (${OF_OUR_PAYMENTS})`),
    keptAs: 'provider_payment',
  },
  {
    invariant: CAPTURES_ARE_OURS,
    batch: 'provider_payment',
    query: unknownCaptures('i.id = ANY (CAST(:ids AS text[]))'),
  },
  {
    invariant: CAPTURES_ARE_OURS,
    batch: 'recent',
    query: unknownCaptures(`(i.created_at >= :from AND i.created_at < :to
      OR i.captured_at >= :from AND i.captured_at < :to)`),
    keptAs: 'provider_payment',
  },
  {
    invariant: REFUNDS_ARE_OURS,
    batch: 'payment',
    query: unknownRefunds(`s.payment_intent_id IN (${OF_OUR_PAYMENTS})`),
    keptAs: 'provider_refund',
  },
  {
    invariant: REFUNDS_ARE_OURS,
    batch: 'provider_refund',
    query: unknownRefunds('s.id = ANY (CAST(:ids AS text[]))'),
  },
  {
    invariant: REFUNDS_ARE_OURS,
    batch: 'recent',
    query: unknownRefunds('s.created_at >= :from AND s.created_at < :to'),
    keptAs: 'provider_refund',
  },
];
