import type { Db } from '../db/connection';
import type { PaymentGateway } from '../payments/gateway';
import type { PaymentMessenger } from '../temporal/payment-messenger';

/** What the steps of a booking work with. */
export interface ActivityDependencies {
  db: Db;
  payments: PaymentGateway;
  messenger: PaymentMessenger;
  paymentWindowSeconds: number;
  maxOpenHoldsPerCustomer: number;
}
