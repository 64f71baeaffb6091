import type { Db } from '../db/connection';
import type { HoldLimits } from '../domain/hold-limits';
import type { PaymentProviders } from '../payments/providers';
import type { PaymentWorkflows } from '../temporal/clients/payment-workflows';

/** Limits of one customer. A customer at a limit is told when to try again. */
export interface CustomerLimits extends HoldLimits {
  /** Declined charges, of all bookings together. */
  maxDeclinesPerHour: number;
}

/** What the activities of a booking need. */
export interface ActivityDependencies {
  db: Db;
  providers: PaymentProviders;
  paymentWorkflows: PaymentWorkflows;
  paymentWindowSeconds: number;
  limits: CustomerLimits;
}
