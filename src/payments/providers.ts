import type { PaymentGateway } from './gateway';

/**
 * The payment providers that this process can reach.
 *
 * New charges go to `current`. A payment is captured, voided, refunded and looked up where it was
 * made, even after `PAYMENT_PROVIDER` has changed: no other provider knows its outcome.
 */
export interface PaymentProviders {
  readonly current: PaymentGateway;
  /** Every configured provider, the current one first. */
  readonly configured: readonly PaymentGateway[];
  /**
   * Returns the provider with the name that is stored with a payment; undefined when it isn't
   * configured.
   */
  named(provider: string): PaymentGateway | undefined;
}

/** Creates the set of providers; `others` are kept for payments that were made with them. */
export function createPaymentProviders(
  current: PaymentGateway,
  ...others: PaymentGateway[]
): PaymentProviders {
  const configured = [current, ...others];
  return {
    current,
    configured,
    named: (provider) => configured.find((gateway) => gateway.provider === provider),
  };
}

/** Returns the names of the providers that this process can ask. */
export function namesOf({ configured }: PaymentProviders): string[] {
  return configured.map(({ provider }) => provider);
}

/**
 * A payment was made with a provider that this process has no settings for. Its outcome stays
 * unknown until there are: it is neither captured nor voided.
 */
export class ProviderNotConfigured extends Error {
  override name = 'ProviderNotConfigured';

  constructor(provider: string) {
    super(`The payment provider ${provider} is not configured.`);
  }
}
