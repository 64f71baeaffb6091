import { noteVoided, type UnderWay } from '../db/card-payments';
import { noteCapturedInVain } from '../db/captures';
import type { ActivityDependencies } from './dependencies';

/** `voided`: the provider has taken nothing, nor will it; `owed_back`: it took the money, and a refund of all of it is on record. */
export type Reversal = 'voided' | 'owed_back';

/**
 * Undoes a charge of ours, whatever became of it: looks it up at the provider, and gives up what was reserved. Money that was taken is recorded as
 * owed back.
 *
 * Safe to retry: each look starts from what the provider says then.
 */
export async function reverseCharge(
  { db, payments }: Pick<ActivityDependencies, 'db' | 'payments'>,
  payment: UnderWay,
  reason: string,
): Promise<Reversal> {
  const found = await payments.find(payment.paymentId);
  if (found?.status === 'captured') {
    const { provider } = payments;
    const { providerPaymentId } = found;
    await noteCapturedInVain(db, payment, { provider, providerPaymentId, reason });
    return 'owed_back';
  }
  if (found?.status === 'authorized' || found?.status === 'requires_action')
    await payments.void(found.providerPaymentId);
  await noteVoided(db, payment);
  return 'voided';
}
