import type { PaymentConfig } from '../config';
import { connect } from '../db/connection';
import type { PaymentGateway } from '../payments/gateway';
import { createSandboxGateway } from '../payments/sandbox/gateway';
import { createStripeGateway } from '../payments/stripe/gateway';

export interface PaymentProvider {
  gateway: PaymentGateway;
  close(): Promise<void>;
}

/** The sandbox keeps books of its own, in our PostgreSQL, over connections of its own. */
const MAX_SANDBOX_CONNECTIONS = 8;

/** The company that charges the cards, as the settings have it. */
export function openPaymentProvider({
  payments,
  sandboxDatabaseUrl,
}: {
  payments: PaymentConfig;
  sandboxDatabaseUrl: string;
}): PaymentProvider {
  if (payments.provider === 'stripe') {
    return { gateway: createStripeGateway(payments), close: () => Promise.resolve() };
  }
  const db = connect(sandboxDatabaseUrl, {
    applicationName: 'sandbox-payment-provider',
    maxConnections: MAX_SANDBOX_CONNECTIONS,
  });
  return { gateway: createSandboxGateway(db), close: () => db.destroy() };
}
