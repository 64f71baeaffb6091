import type { PaymentGateway } from './gateway';

/**
 * The payment providers that this process can reach.
 *
 * New charges go to `current`. A payment is captured, voided, refunded and looked up where it was
 * made, also after `PAYMENT_PROVIDER` has changed: no other provider knows what became of it.
 */
export interface PaymentProviders {
  readonly current: PaymentGateway;
  /** Every configured provider, the current one first. */
  readonly configured: readonly PaymentGateway[];
  /** The provider that stands beside a payment on record; undefined when it isn't configured. */
  named(provider: string): PaymentGateway | undefined;
}

/** Puts the providers together; `others` are kept for payments that were made with them. */
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

/** The names of the providers that this process can ask. */
export function namesOf({ configured }: PaymentProviders): string[] {
  return configured.map(({ provider }) => provider);
}

/**
 * A payment was made with a provider that this process has no settings for. Nobody can know what
 * became of it until there are: it is neither captured nor voided.
 */
export class ProviderNotConfigured extends Error {
  override name = 'ProviderNotConfigured';

  constructor(provider: string) {
    super(`The payment provider ${provider} is not configured.`);
  }
}
