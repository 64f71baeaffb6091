import type { Client } from '@temporalio/client';
import { reach } from '../../temporal/clients/reach';
import type { ExternalPayment } from '../../temporal/contracts/booking';
import { createPaymentWorkflows } from '../../temporal/clients/payment-workflows';
import { shared } from '../../temporal/clients/shared-call';

/**
 * Timeout in milliseconds. Senders of events wait longer than customers: the scheme asks for 15 s
 * and more.
 */
const TIMEOUT_MS = 10_000;

export type PaymentEventWorkflows = ReturnType<typeof createPaymentEventWorkflows>;

/**
 * Delivers payment events to the workflows that they concern, within the time that a sender waits.
 *
 * @throws Unavailable when Temporal is unavailable: senders try again, and nothing is lost.
 */
export function createPaymentEventWorkflows(client: Client, taskQueue: string) {
  const paymentWorkflows = createPaymentWorkflows(client, taskQueue);
  return {
    /** Signals a payment to a booking's workflow. Returns false when none is running. */
    signal: (payment: ExternalPayment) =>
      reach(client, () => paymentWorkflows.signal(payment), TIMEOUT_MS),
    /** Announces accepted reports that no workflow has recorded. */
    announcePaymentEvents: shared(() =>
      reach(client, () => paymentWorkflows.announcePaymentEvents(), TIMEOUT_MS),
    ),
    accept: (...args: Parameters<typeof paymentWorkflows.accept>) =>
      reach(client, () => paymentWorkflows.accept(...args), TIMEOUT_MS),
  };
}
