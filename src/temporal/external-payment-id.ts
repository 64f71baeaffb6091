import { v5 as uuidv5 } from 'uuid';
import type { ExternalPaymentReport } from './contracts/booking';

const FOREIGN_PAYMENT_NAMESPACE = 'b8f4b3ce-6b1c-4f9a-8e47-7d0f5f0f5a10';

/**
 * Returns our ID of an external payment. It derives from the provider's ID alone, however its
 * report comes, and however often.
 */
export function externalPaymentId({
  provider,
  providerPaymentId,
}: Pick<ExternalPaymentReport, 'provider' | 'providerPaymentId'>): string {
  return uuidv5(JSON.stringify([provider, providerPaymentId]), FOREIGN_PAYMENT_NAMESPACE);
}
