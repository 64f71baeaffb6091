import type { Db } from '../db/connection';
import type { PaymentGateway } from '../payments/gateway';

/** What the steps of a booking work with. */
export interface ActivityDependencies {
  db: Db;
  payments: PaymentGateway;
  paymentWindowSeconds: number;
  maxOpenHoldsPerCustomer: number;
}
