import type { Db } from '../db/connection';
import { findCharge } from '../db/payments/payment-view';
import type { PaymentGateway } from '../payments/gateway';
import { ProviderNotConfigured } from '../payments/providers';
import type { ActivityDependencies } from './dependencies';

/** The provider of a payment, and when the payment was recorded. */
export interface ChargedBy {
  gateway: PaymentGateway;
  startedAt: Date;
}

/**
 * Returns the gateway to the provider that a payment on record was made with.
 *
 * @throws ProviderNotConfigured when this process has no settings for that provider.
 */
export async function chargedBy(
  { db, providers }: Pick<ActivityDependencies, 'providers'> & { db: Db },
  paymentId: string,
): Promise<ChargedBy> {
  const charge = await findCharge(db, paymentId);
  if (charge === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  return { gateway: gatewayOf(providers, charge.provider), startedAt: charge.startedAt };
}

/**
 * Returns the gateway to a provider.
 *
 * @throws ProviderNotConfigured when this process has no settings for it.
 */
export function gatewayOf(
  providers: ActivityDependencies['providers'],
  provider: string,
): PaymentGateway {
  const gateway = providers.named(provider);
  if (gateway === undefined) throw new ProviderNotConfigured(provider);
  return gateway;
}
