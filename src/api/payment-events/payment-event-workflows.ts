import type { Client } from '@temporalio/client';
import type { ExternalPayment } from '../../temporal/contracts';
import { createPaymentWorkflows } from '../../temporal/payment-workflows';
import { shared } from '../../temporal/shared-call';
import { callTemporal } from '../temporal-deadline';

/** Whoever sends an event waits for longer than a customer does: the scheme asks for 15 s and more. In milliseconds. */
const TIMEOUT_MS = 10_000;

export type PaymentEventWorkflows = ReturnType<typeof createPaymentEventWorkflows>;

/**
 * Brings paymentEvents of payments to the workflows that they concern, in the time that a sender waits.
 *
 * @throws Problem `service_unavailable` when Temporal is away: senders try again, and nothing is lost.
 */
export function createPaymentEventWorkflows(client: Client, taskQueue: string) {
  const workflows = createPaymentWorkflows(client, taskQueue);
  return {
    /** Tells a booking's workflow of a payment; answers false when none is running. */
    signal: (payment: ExternalPayment) =>
      callTemporal(client, () => workflows.signal(payment), TIMEOUT_MS),
    /** Has accepted reports of payments seen to that no workflow has put on record. */
    announcePaymentEvents: shared(() =>
      callTemporal(client, () => workflows.announcePaymentEvents(), TIMEOUT_MS),
    ),
    accept: (...paymentEvents: Parameters<typeof workflows.accept>) =>
      callTemporal(client, () => workflows.accept(...paymentEvents), TIMEOUT_MS),
  };
}
