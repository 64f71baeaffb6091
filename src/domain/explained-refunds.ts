/** What may have been refunded of a payment before, as far as our books explain it. */
export interface ExplainedRefunds {
  /** Our IDs of all refunds of the payment. */
  refundIds: readonly string[];
  /** What people have returned by hand, perhaps at the provider; in the same minor unit. */
  amountByHand: number;
}

/** Whether a provider's refunds that don't have our IDs are more than people returned by hand. */
export function isUnexplained(
  theirs: readonly { refundId: string | null; amount: number }[],
  { refundIds, amountByHand }: ExplainedRefunds,
): boolean {
  const others = theirs.filter(
    ({ refundId }) => refundId === null || !refundIds.includes(refundId),
  );
  return others.reduce((sum, { amount }) => sum + amount, 0) > amountByHand;
}
