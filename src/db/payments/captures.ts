import type { Actor } from '../../domain/booking-event';
import type { Price } from '../../domain/fare';
import { isSameMoney } from '../../domain/money';
import { UNDER_WAY } from '../../domain/payment';
import type { CardPayment, ExternalPayment, PaymentResult } from '../../temporal/contracts';
import { externalPaymentId } from '../../temporal/external-payment-id';
import type { WhyOperator } from '../../temporal/refund-contracts';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { recordReports } from '../external-payments/reports';
import { postCapture } from '../ledger/ledger';
import {
  postProviderMoney,
  postEarlierProviderMoney,
  lockProviderPayment,
  hasProviderMoney,
} from '../provider-money/provider-money';
import { createRefund } from '../refunds/refunds';
import { sellSeats } from '../seats/seats';
import { bindPayment, type UnderWay } from './card-payments';
import { readKnownPayment } from './payment-view';

/**
 * Sells the seats for a captured card payment. One transaction books, sells the seats, records the
 * capture, posts it, and binds the payment's key.
 *
 * Safe to retry: a payment that is applied already is returned as it is.
 */
export async function confirmWithCardPayment(db: Db, payment: CardPayment): Promise<PaymentResult> {
  return db.transaction(async (trx) => {
    const row = await trx('payments').where({ id: payment.paymentId }).forUpdate().first();
    if (row === undefined) throw new Error(`Bug: payment ${payment.paymentId} was never started`);
    if (!row.applied) {
      const [captured] = await trx('payments')
        .where({ id: payment.paymentId })
        .update({ status: 'captured', applied: true, captured_at: new Date() })
        .returning<{ has_provider_money: boolean }[]>(hasProviderMoney(trx));
      const { provider, provider_payment_id: providerPaymentId, amount, currency } = row;
      const actor: Actor = { kind: 'customer', id: payment.customerId };
      await confirm(trx, { ...payment, provider, amount, currency }, actor);
      if (captured?.has_provider_money === true && providerPaymentId !== null)
        await postProviderMoney(trx, { provider, providerPaymentId });
    }
    const answer = await readKnownPayment(trx, payment.paymentId);
    if (!row.applied) await bindPayment(trx, payment, { kind: 'payment_captured', body: answer });
    return { outcome: 'captured', fingerprint: payment.fingerprint, payment: answer };
  });
}

/**
 * Sells the seats for a payment that another service has captured. Safe to retry, as above.
 *
 * Returns whether the payment pays for this booking. It can't when it is on record for something
 * else. It can't either when a worker settled the booking and was killed before the workflow
 * recorded that. Nothing changes then. A payment that our provider did not have before, and has
 * now, counts as new.
 */
export async function confirmWithExternalPayment(
  db: Db,
  payment: ExternalPayment,
): Promise<boolean> {
  const { bookingId, provider } = payment;
  const paymentId = externalPaymentId(payment);
  return db.transaction(async (trx) => {
    const pending = await trx('bookings')
      .where({ id: bookingId, status: 'pending' })
      .forUpdate()
      .first('id');
    const isNew =
      pending !== undefined &&
      (await recordReports(trx, [{ payment, status: 'captured', applied: true }])).length === 1;
    if (!isNew) {
      const recorded = await trx('payments')
        .where({ id: paymentId, booking_id: bookingId })
        .first();
      return recorded?.applied === true;
    }
    const actor: Actor = { kind: 'payment_provider', id: provider };
    await confirm(trx, { ...payment, paymentId, bookingId }, actor);
    await postEarlierProviderMoney(trx, payment);
    return true;
  });
}

/**
 * Records that our own charge took money which pays for nothing, and creates its refund. Safe to
 * retry.
 */
export async function recordUnappliedCapture(
  db: Db,
  payment: UnderWay,
  {
    provider,
    providerPaymentId,
    reason,
  }: { provider: string; providerPaymentId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    await lockProviderPayment(trx, { provider, providerPaymentId });
    const changed = await trx('payments')
      .where({ id: payment.paymentId })
      .whereIn('status', UNDER_WAY)
      .update({
        status: 'captured',
        captured_at: new Date(),
        provider_payment_id: providerPaymentId,
      });
    if (changed === 0) return;
    await refundUnapplied(trx, { ...payment, provider }, { reason, whyOperator: null });
    await postProviderMoney(trx, { provider, providerPaymentId });
  });
}

interface Capture {
  paymentId: string;
  /** Null when we know no such booking. */
  bookingId: string | null;
  provider: string;
  amount: number;
  currency: string;
}

async function confirm(
  trx: Db,
  capture: Capture & { bookingId: string },
  actor: Actor,
): Promise<void> {
  const { paymentId, bookingId, provider, amount, currency } = capture;
  await sellSeats(trx, bookingId);
  const [booking] = await trx('bookings')
    .where({ id: bookingId, status: 'pending' })
    .update({ status: 'booked' })
    .returning(['base_amount', 'taxes_amount', 'fees_amount', 'price_amount', 'currency']);
  if (booking === undefined)
    throw new Error(`Bug: booking ${bookingId} was not pending when its payment was applied`);
  const price: Price = {
    amount: booking.price_amount,
    currency: booking.currency,
    breakdown: {
      base: booking.base_amount,
      taxes: booking.taxes_amount,
      fees: booking.fees_amount,
    },
  };
  if (!isSameMoney(price, { amount, currency }))
    throw new Error(`Bug: payment ${paymentId} is not the price`);
  await postCapture(trx, { paymentId, bookingId, provider, money: { amount, currency }, price });
  await appendEvent(trx, { bookingId, type: 'booked', actor });
}

async function refundUnapplied(
  trx: Db,
  capture: Capture,
  { reason, whyOperator }: { reason: string; whyOperator: WhyOperator | null },
): Promise<void> {
  const { paymentId, bookingId, provider, amount, currency } = capture;
  const money = { amount, currency };
  await postCapture(trx, { paymentId, bookingId, provider, money, price: null });
  if (bookingId !== null)
    await appendEvent(trx, {
      bookingId,
      type: 'payment_not_applied',
      actor: { kind: 'payment_provider', id: provider },
      reason,
    });
  await createRefund(trx, { paymentId, money, reason, whyOperator });
}
