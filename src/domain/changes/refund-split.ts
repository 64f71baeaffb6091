/** Captured money of a booking, and how much of it has gone back, or is about to. */
export interface CapturedPart {
  paymentId: string;
  captured: number;
  refunded: number;
}

/** What goes back of one capture. */
export interface RefundPart {
  paymentId: string;
  amount: number;
}

/**
 * Splits a refund over the captures of a booking, given from the newest: each gives back what it
 * still can, before an older one does. So the fewest cards are credited, those used last.
 *
 * @throws `Bug: …` when they cover less than the amount: what is owed back never exceeds what was
 * taken and not given back.
 */
export function splitRefund(amount: number, newestFirst: readonly CapturedPart[]): RefundPart[] {
  let left = amount;
  const parts: RefundPart[] = [];
  for (const { paymentId, captured, refunded } of newestFirst) {
    const part = Math.min(left, captured - refunded);
    if (part <= 0) continue;
    parts.push({ paymentId, amount: part });
    left -= part;
  }
  if (left > 0) throw new Error(`Bug: ${left} of a refund of ${amount} is not covered`);
  return parts;
}
