/**
 * SQL of the dispute that stands for a payment `p`, as JSON: one that is not won before others,
 * then the newest; null when there is none.
 */
export const DISPUTE_OF_PAYMENT = `(
  SELECT json_build_object('status', d.status, 'amount', d.amount, 'currency', d.currency)
  FROM disputes d WHERE d.payment_id = p.id
  ORDER BY d.status = 'won', d.created_at DESC, d.provider_dispute_id LIMIT 1)`;
