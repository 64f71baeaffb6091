import type { Db } from '../../db/connection';
import { queuePaymentEvent, storePaymentEvent } from '../../db/external-payments/received-events';
import type { ExternalPayment } from '../../temporal/contracts/booking';
import type { PaymentEventWorkflows } from './payment-event-workflows';

/**
 * Accepts a report of a payment. It is stored first, then handled by the workflow of its booking.
 *
 * In a flood, or if no workflow is running, the workflow for accepted reports handles it. That one
 * checks all of them: no report depends on its booking's workflow to be recorded.
 *
 * Safe to repeat: a payment is stored and recorded once.
 *
 * @throws Problem `service_unavailable` when Temporal is unavailable: the report stays stored, and
 * its sender sends it again.
 */
export async function acceptReport(
  { db, paymentEvents }: { db: Db; paymentEvents: PaymentEventWorkflows },
  payment: ExternalPayment,
): Promise<void> {
  const mode = await storePaymentEvent(db, payment);
  if (mode === 'direct') {
    const isDelivered = await paymentEvents.signal(payment).catch(async (error: unknown) => {
      await queuePaymentEvent(db, payment);
      throw error;
    });
    if (!isDelivered) await queuePaymentEvent(db, payment);
  }
  await paymentEvents.announcePaymentEvents();
}
