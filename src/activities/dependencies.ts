import type { Db } from '../db/connection';
import type { HoldLimits } from '../domain/hold-limits';
import type { PaymentProviders } from '../payments/providers';
import type { PaymentWorkflows } from '../temporal/payment-workflows';

/** What one customer may do before they are told to wait. */
export interface CustomerLimits extends HoldLimits {
  /** Declined charges, of all bookings together. */
  maxDeclinesPerHour: number;
}

/** What the activities of a booking work with. */
export interface ActivityDependencies {
  db: Db;
  providers: PaymentProviders;
  paymentWorkflows: PaymentWorkflows;
  paymentWindowSeconds: number;
  limits: CustomerLimits;
}
