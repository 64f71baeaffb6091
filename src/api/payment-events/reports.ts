import type { Db } from '../../db/connection';
import { queuePaymentEvent, storePaymentEvent } from '../../db/external-payments/received-events';
import type { ForeignPayment } from '../../temporal/contracts';
import type { PaymentNews } from './payment-workflows';

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
  { db, news }: { db: Db; news: PaymentNews },
  payment: ForeignPayment,
): Promise<void> {
  const lane = await storePaymentEvent(db, payment);
  if (lane === 'direct') {
    const isTold = await news.signal(payment).catch(async (error: unknown) => {
      await queuePaymentEvent(db, payment);
      throw error;
    });
    if (!isTold) await queuePaymentEvent(db, payment);
  }
  await news.announcePaymentEvents();
}
