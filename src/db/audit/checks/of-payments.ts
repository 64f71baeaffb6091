import type { Check } from './check';

/** Invariants of payments: their refunds, their postings, and what a provider did without us. */
export const OF_PAYMENTS: readonly Check[] = [
  {
    invariant: 'every capture that is not applied has a refund of all of it',
    batch: 'payment',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
      WHERE p.id = ANY (CAST(:ids AS uuid[])) AND p.status = 'captured' AND NOT p.applied
        AND (r.amount, r.currency) IS DISTINCT FROM (p.amount, p.currency)`,
  },
  {
    invariant: 'every refund that succeeded is posted, and balances',
    batch: 'payment',
    query: `
      SELECT r.id, r.payment_id AS subject
      FROM refunds r
      WHERE r.payment_id = ANY (CAST(:ids AS uuid[])) AND r.status = 'succeeded' AND NOT EXISTS (
        SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = r.payment_id AND t.kind IN ('refund', 'refund_reversed')
          AND t.refund_id IS NOT DISTINCT FROM CASE WHEN r.change_id IS NOT NULL THEN r.id END
        HAVING sum(l.amount) = 0 AND r.amount = sum(l.amount) FILTER (
          WHERE l.account IN ('liability:refunds', 'liability:unapplied_payments')))`,
  },
  {
    invariant: 'what a provider gave back without us is posted',
    batch: 'payment',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p
      JOIN LATERAL (
        SELECT coalesce(sum(g.amount) FILTER (WHERE g.kind = 'refund'), 0) AS one_by_one,
          coalesce(sum(g.amount) FILTER (WHERE g.kind = 'total'), 0) AS in_sum, count(*) AS told
        FROM provider_refunds g
        WHERE (g.provider, g.provider_payment_id, g.currency) = (p.provider, p.provider_payment_id, p.currency)
          AND g.status <> 'failed'
          AND NOT EXISTS (
            SELECT FROM refunds r WHERE r.payment_id = p.id
              AND (g.refund_id = CAST(r.id AS text) OR g.provider_refund_id = r.provider_refund_id))
      ) g ON true
      WHERE p.id = ANY (CAST(:ids AS uuid[])) AND p.status = 'captured'
        AND (g.told > 0 OR EXISTS (
          SELECT FROM ledger_transactions t
          WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')))
        AND greatest(g.one_by_one, g.in_sum) <> (
          SELECT coalesce(sum(l.amount), 0)
          FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
          WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')
            AND l.account = 'suspense:provider_refunds')`,
  },
  {
    invariant: 'funds that a dispute moved are posted, and no others',
    batch: 'payment',
    query: `
      SELECT d.provider_dispute_id AS id, p.id AS subject
      FROM disputes d JOIN payments p
        ON (p.provider, p.provider_payment_id) = (d.provider, d.provider_payment_id)
      WHERE p.id = ANY (CAST(:ids AS uuid[])) AND p.status = 'captured' AND (
        d.payment_id IS DISTINCT FROM p.id
        OR (d.withdrawn_at IS NOT NULL) <> EXISTS (
          SELECT FROM ledger_transactions t
          WHERE (t.payment_id, t.kind, t.reference) = (p.id, 'dispute_withdrawn', d.provider_dispute_id))
        OR (d.reinstated_at IS NOT NULL) <> EXISTS (
          SELECT FROM ledger_transactions t
          WHERE (t.payment_id, t.kind, t.reference) = (p.id, 'dispute_reinstated', d.provider_dispute_id)))`,
  },
  {
    invariant: 'what the ledger says that we owe is what the open refunds say',
    batch: 'payment',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount), 0) AS amount FROM refunds r
        WHERE r.payment_id = p.id AND r.status <> 'succeeded'
      ) open
      WHERE p.id = ANY (CAST(:ids AS uuid[])) AND p.status = 'captured' AND open.amount <> (
        SELECT coalesce(-sum(l.amount), 0)
        FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND l.account IN ('liability:refunds', 'liability:unapplied_payments'))`,
  },
  {
    invariant: 'every capture is posted, and balances',
    batch: 'payment',
    query: `
      SELECT p.id, p.id AS subject
      FROM payments p
      WHERE p.id = ANY (CAST(:ids AS uuid[])) AND p.status = 'captured' AND NOT EXISTS (
        SELECT FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND t.kind = 'capture'
        GROUP BY t.id
        HAVING sum(l.amount) = 0 AND sum(l.amount) FILTER (WHERE l.amount > 0) = p.amount
          AND count(DISTINCT l.currency) = 1 AND min(l.currency) = p.currency)`,
  },
];
