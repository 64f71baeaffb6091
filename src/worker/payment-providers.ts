import type { PaymentConfig } from '../config';
import { connect } from '../db/connection';
import type { PaymentGateway } from '../payments/gateway';
import { createPaymentProviders, type PaymentProviders } from '../payments/providers';
import { createSandboxGateway } from '../payments/sandbox/gateway';
import { createStripeGateway } from '../payments/stripe/gateway';

export interface OpenPaymentProviders {
  providers: PaymentProviders;
  close(): Promise<void>;
}

/** The sandbox keeps books of its own, in our PostgreSQL, over connections of its own. */
const MAX_SANDBOX_CONNECTIONS = 8;

/** Opens every provider that has settings; the one that charges cards comes first. */
export function openPaymentProviders({
  payments,
  sandboxDatabaseUrl,
}: {
  payments: PaymentConfig;
  sandboxDatabaseUrl: string;
}): OpenPaymentProviders {
  const gateways: PaymentGateway[] = [];
  let close = () => Promise.resolve();
  if (payments.stripe !== undefined) gateways.push(createStripeGateway(payments.stripe));
  if (payments.hasSandbox) {
    const db = connect(sandboxDatabaseUrl, {
      applicationName: 'sandbox-payment-provider',
      maxConnections: MAX_SANDBOX_CONNECTIONS,
    });
    close = () => db.destroy();
    gateways.push(createSandboxGateway(db));
  }
  const current = gateways.find(({ provider }) => provider === payments.provider);
  if (current === undefined) throw new Error(`Bug: ${payments.provider} has no gateway`);
  const others = gateways.filter((gateway) => gateway !== current);
  return { providers: createPaymentProviders(current, ...others), close };
}
