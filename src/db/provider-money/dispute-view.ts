/**
 * SQL of the dispute that matters for a payment `p`, as JSON; null when there is none. A dispute
 * that is not won comes before others, then the newest.
 */
export const DISPUTE_OF_PAYMENT = `(
  SELECT json_build_object('status', d.status, 'amount', d.amount, 'currency', d.currency)
  FROM disputes d WHERE d.payment_id = p.id
  ORDER BY d.status = 'won', d.created_at DESC, d.provider_dispute_id LIMIT 1)`;
