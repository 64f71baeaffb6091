import type { Db } from '../db/connection';
import type { PaymentProviders } from '../payments/providers';
import type { PaymentMessenger } from '../temporal/payment-messenger';

/** What the steps of a booking work with. */
export interface ActivityDependencies {
  db: Db;
  providers: PaymentProviders;
  messenger: PaymentMessenger;
  paymentWindowSeconds: number;
  maxOpenHoldsPerCustomer: number;
}
