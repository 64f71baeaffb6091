import type { Db } from '../../db/connection';
import { queuePaymentEvent, storePaymentEvent } from '../../db/external-payments/received-events';
import type { ExternalPayment } from '../../temporal/contracts';
import type { PaymentEventWorkflows } from './payment-event-workflows';

/**
 * Accepts a report of a payment: it is stored first, then seen to by the workflow of its booking,
 * or, in a flood and where no workflow is running, by the one for accepted reports. That one looks
 * after all of them: none depends on the workflow of its booking to get on record.
 *
 * Safe to repeat: a payment is stored and recorded once.
 *
 * @throws Problem `service_unavailable` when Temporal is away: the report stays stored, and its
 * sender sends it again.
 */
export async function acceptReport(
  { db, paymentEvents }: { db: Db; paymentEvents: PaymentEventWorkflows },
  payment: ExternalPayment,
): Promise<void> {
  const lane = await storePaymentEvent(db, payment);
  if (lane === 'direct') {
    const isTold = await paymentEvents.signal(payment).catch(async (error: unknown) => {
      await queuePaymentEvent(db, payment);
      throw error;
    });
    if (!isTold) await queuePaymentEvent(db, payment);
  }
  await paymentEvents.announcePaymentEvents();
}
