import type { Client } from '@temporalio/client';
import type { ForeignPayment } from '../../temporal/contracts';
import { createPaymentMessenger } from '../../temporal/payment-messenger';
import { reach } from '../../temporal/clients/reach';
import { shared } from '../../temporal/shared-call';

/** Whoever sends an event waits for longer than a customer does: the scheme asks for 15 s and more. In milliseconds. */
const PATIENCE_MS = 10_000;

export type PaymentNews = ReturnType<typeof createPaymentNews>;

/**
 * Brings news of payments to the workflows that they concern, in the time that a sender waits.
 *
 * @throws Unavailable when Temporal is away: senders try again, and nothing is lost.
 */
export function createPaymentNews(client: Client, taskQueue: string) {
  const messenger = createPaymentMessenger(client, taskQueue);
  return {
    /** Tells a booking's workflow of a payment; answers false when none is running. */
    signal: (payment: ForeignPayment) =>
      reach(client, () => messenger.signal(payment), PATIENCE_MS),
    /** Has accepted reports of payments seen to that no workflow has put on record. */
    announcePaymentEvents: shared(() =>
      reach(client, () => messenger.announcePaymentEvents(), PATIENCE_MS),
    ),
    accept: (...news: Parameters<typeof messenger.accept>) =>
      reach(client, () => messenger.accept(...news), PATIENCE_MS),
  };
}
