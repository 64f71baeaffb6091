import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import type { CardPayment } from '../../src/temporal/contracts/booking';
import { ADULT_PRICE, paymentFor } from './flights';
import type { Sale } from './shop';

/** Puts a payment of a booking on record as the step does, unheard of by its workflow. */
export async function recordPayment(
  db: Db,
  { request }: Sale,
  provider = 'sandbox',
): Promise<CardPayment> {
  const payment = paymentFor(request);
  await db('payments').insert({
    id: payment.paymentId,
    booking_id: payment.bookingId,
    customer_id: payment.customerId,
    idempotency_key: payment.idempotencyKey,
    request_fingerprint: payment.fingerprint,
    status: 'processing',
    ...ADULT_PRICE,
    provider,
  });
  return payment;
}

/** Puts a charge for a payment into the sandbox provider's books, as far as it got. */
export async function recordCharge(
  db: Db,
  { paymentId }: CardPayment,
  status: 'authorized' | 'captured',
): Promise<void> {
  await db('sandbox_provider.payment_intents').insert({
    id: `spi_${randomUUID()}`,
    idempotency_key: paymentId,
    ...ADULT_PRICE,
    payment_method: 'pm_card_visa',
    status,
    captured_at: status === 'captured' ? new Date() : null,
  });
}
