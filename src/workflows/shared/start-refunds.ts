import { startRefund, type database } from './activities';

type CancelledSale = Awaited<ReturnType<(typeof database)['cancelSale']>>;

/** Starts a refund for each payment of a cancelled sale that something goes back of. */
export async function startRefundsOf({
  refundOf,
  moreRefundsOf,
}: Pick<CancelledSale, 'refundOf' | 'moreRefundsOf'>): Promise<void> {
  if (refundOf !== null) await startRefund(refundOf);
  for (const paymentId of moreRefundsOf ?? []) await startRefund(paymentId);
}
