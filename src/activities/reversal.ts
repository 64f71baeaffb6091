import { noteCapturedInVain } from '../db/payments/captures';
import { noteVoided, type UnderWay } from '../db/payments/card-payments';
import type { ActivityDependencies } from './dependencies';
import { chargedBy } from './payment-gateway';

/**
 * `voided`: the provider has taken nothing, nor will it; `owed_back`: it took the money, and a
 * refund of all of it is on record.
 */
export type Reversal = 'voided' | 'owed_back';

/**
 * Undoes a charge of ours, whatever became of it: looks it up at the provider that it was made
 * with, and gives up what was reserved. Money that was taken is recorded as owed back.
 *
 * Safe to retry: each look starts from what the provider says then.
 *
 * @throws ProviderNotConfigured when that provider can't be asked: nothing is noted then.
 */
export async function reverseCharge(
  { db, providers }: Pick<ActivityDependencies, 'db' | 'providers'>,
  payment: UnderWay,
  reason: string,
): Promise<Reversal> {
  const { paymentId } = payment;
  const { gateway, startedAt } = await chargedBy({ db, providers }, paymentId);
  const found = await gateway.find(paymentId, startedAt);
  if (found?.status === 'captured') {
    const { provider } = gateway;
    const { providerPaymentId } = found;
    await noteCapturedInVain(db, payment, { provider, providerPaymentId, reason });
    return 'owed_back';
  }
  if (found?.status === 'authorized' || found?.status === 'requires_action')
    await gateway.void(found.providerPaymentId);
  await noteVoided(db, payment);
  return 'voided';
}
