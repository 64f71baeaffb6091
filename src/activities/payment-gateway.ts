import type { Db } from '../db/connection';
import { findProviderOf } from '../db/payment-view';
import type { PaymentGateway } from '../payments/gateway';
import { ProviderNotConfigured } from '../payments/providers';
import type { ActivityDependencies } from './dependencies';

/**
 * Finds the gateway to the provider that a payment on record was made with.
 *
 * @throws ProviderNotConfigured when this process has no settings for that provider.
 */
export async function gatewayOf(
  { db, providers }: Pick<ActivityDependencies, 'providers'> & { db: Db },
  paymentId: string,
): Promise<PaymentGateway> {
  const provider = await findProviderOf(db, paymentId);
  if (provider === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  const gateway = providers.named(provider);
  if (gateway === undefined) throw new ProviderNotConfigured(provider);
  return gateway;
}
