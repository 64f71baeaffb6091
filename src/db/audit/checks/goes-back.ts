/** What goes back of a booking `b` that was cancelled, of all that pays for it. */
export const GOES_BACK = `
  SELECT coalesce(sum(r.amount), 0) AS amount FROM payments a JOIN refunds r ON r.payment_id = a.id
  WHERE a.booking_id = b.id AND a.applied AND r.change_id IS NULL`;
