import { recordUnappliedCapture } from '../db/payments/captures';
import { recordVoid, type UnderWay } from '../db/payments/card-payments';
import { SYSTEM } from '../domain/booking-event';
import type { ProviderPayment } from '../payments/gateway';
import type { ActivityDependencies } from './dependencies';
import { chargedBy } from './payment-gateway';

/**
 * `voided`: the provider has taken nothing, and never will. `owed_back`: it took the money, and a
 * refund of all of it is on record. `sold`: the money has paid for seats meanwhile, and stays.
 */
export type Reversal = 'voided' | 'owed_back' | 'sold';

/**
 * Undoes a charge of ours, whatever its outcome. Looks it up at its provider, and voids what was
 * reserved. Money that was taken is recorded as owed back.
 *
 * Safe to retry: each try starts from the provider's state at that time.
 *
 * @throws ProviderNotConfigured when that provider can't be asked: nothing is recorded then.
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
    return recordUnappliedCapture(db, payment, { provider, providerPaymentId, reason });
  }
  if (found?.status === 'authorized' || found?.status === 'requires_action')
    await gateway.void(found.providerPaymentId);
  const why = customersReason(found?.status);
  await recordVoid(db, payment, { actor: SYSTEM, ...(why === undefined ? {} : { reason: why }) });
  return 'voided';
}

/**
 * Returns why nothing was taken, where it was not on our side: such a hold counts against its
 * customer. Whatever was reserved was reserved too late, or for nothing.
 */
function customersReason(status: ProviderPayment['status'] | undefined) {
  switch (status) {
    case 'requires_action':
      return 'not_confirmed';
    case 'declined':
      return 'declined';
    case 'authorized':
    case 'voided':
    case 'captured':
    case undefined:
      return undefined;
    default:
      throw new Error(`Bug: ${String(status satisfies never)} is no status`);
  }
}
