import type { Client } from '@temporalio/client';
import { reach } from '../../temporal/clients/reach';
import type { ExternalPayment } from '../../temporal/contracts';
import { createPaymentWorkflows } from '../../temporal/payment-workflows';
import { shared } from '../../temporal/shared-call';

/**
 * Whoever sends an event waits for longer than a customer does: the scheme asks for 15 s and more.
 * In milliseconds.
 */
const TIMEOUT_MS = 10_000;

export type PaymentEventWorkflows = ReturnType<typeof createPaymentEventWorkflows>;

/**
 * Brings paymentEvents of payments to the workflows that they concern, in the time that a sender
 * waits.
 *
 * @throws Unavailable when Temporal is away: senders try again, and nothing is lost.
 */
export function createPaymentEventWorkflows(client: Client, taskQueue: string) {
  const paymentWorkflows = createPaymentWorkflows(client, taskQueue);
  return {
    /** Tells a booking's workflow of a payment; returns false when none is running. */
    signal: (payment: ExternalPayment) =>
      reach(client, () => paymentWorkflows.signal(payment), TIMEOUT_MS),
    /** Has accepted reports of payments seen to that no workflow has put on record. */
    announcePaymentEvents: shared(() =>
      reach(client, () => paymentWorkflows.announcePaymentEvents(), TIMEOUT_MS),
    ),
    accept: (...args: Parameters<typeof paymentWorkflows.accept>) =>
      reach(client, () => paymentWorkflows.accept(...args), TIMEOUT_MS),
  };
}
