import { v5 as uuidv5 } from 'uuid';
import type { Price } from '../domain/fare';
import { isSameMoney } from '../domain/money';
import type {
  CardPayment,
  ExternalPayment,
  ForeignPayment,
  PaymentResult,
} from '../temporal/contracts';
import { bindPayment, type UnderWay } from './card-payments';
import type { Db } from './connection';
import { appendEvent } from './events';
import { postCapture } from './ledger';
import { readKnownPayment } from './payment-view';
import { refundIdOf } from './refunds';
import { sellSeats } from './seats';

const FOREIGN_PAYMENT_NAMESPACE = 'b8f4b3ce-6b1c-4f9a-8e47-7d0f5f0f5a10';

/** A payment that others took is known by its provider's ID alone, whichever way the news of it comes. */
export function foreignPaymentId({ provider, providerPaymentId }: ExternalPayment): string {
  return uuidv5(JSON.stringify([provider, providerPaymentId]), FOREIGN_PAYMENT_NAMESPACE);
}

/**
 * Sells the seats for a captured payment: booked, sold, captured, posted, answered, all in one transaction.
 *
 * Safe to retry: a payment that is applied already is answered as it is.
 */
export async function confirmWithCardPayment(db: Db, payment: CardPayment): Promise<PaymentResult> {
  return db.transaction(async (trx) => {
    const row = await trx('payments').where({ id: payment.paymentId }).forUpdate().first();
    if (row === undefined) throw new Error(`Bug: payment ${payment.paymentId} was never started`);
    if (!row.applied) {
      await trx('payments')
        .where({ id: payment.paymentId })
        .update({ status: 'captured', applied: true, captured_at: new Date() });
      const { provider, amount, currency } = row;
      await confirm(trx, { ...payment, provider, amount, currency }, payment.customerId);
    }
    const answer = await readKnownPayment(trx, payment.paymentId);
    if (!row.applied) await bindPayment(trx, payment, 201, answer);
    return { outcome: 'captured', fingerprint: payment.fingerprint, payment: answer };
  });
}

/**
 * Sells the seats for a payment that another service has captured. Safe to retry, as above.
 *
 * Answers whether the payment pays for this booking. One that is on record for something else can't, and changes nothing. Nor can one for a
 * booking that was settled by a worker which was killed before the workflow heard of it: that money is recorded, and owed back.
 */
export async function confirmWithForeignPayment(db: Db, payment: ForeignPayment): Promise<boolean> {
  const { bookingId, provider, providerPaymentId } = payment;
  return db.transaction(async (trx) => {
    const booking = await trx('bookings').where({ id: bookingId }).first('status');
    const isPending = booking?.status === 'pending';
    if (await insertCapture(trx, payment, { applied: isPending })) {
      const capture = { ...payment, paymentId: foreignPaymentId(payment) };
      if (isPending) await confirm(trx, capture, provider);
      else await oweBack(trx, capture, 'booking_settled');
      return isPending;
    }
    const recorded = await trx('payments')
      .where({ provider, provider_payment_id: providerPaymentId })
      .first();
    return recorded?.booking_id === bookingId && recorded.applied;
  });
}

/**
 * Records money that arrived but can't be applied to its booking: late, wrong or a second time. It is owed back, and waits for an
 * operator. Safe to retry.
 */
export async function recordUnappliedPayment(
  db: Db,
  payment: ForeignPayment,
  reason: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    if (!(await insertCapture(trx, payment, { applied: false }))) return;
    await oweBack(trx, { ...payment, paymentId: foreignPaymentId(payment) }, reason);
  });
}

/** Records that our own charge took money which came to nothing; it waits for an operator. Safe to retry. */
export async function noteCapturedInVain(
  db: Db,
  payment: UnderWay,
  {
    provider,
    providerPaymentId,
    reason,
  }: { provider: string; providerPaymentId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const changed = await trx('payments')
      .where({ id: payment.paymentId })
      .whereIn('status', ['processing', 'authorized'])
      .update({
        status: 'captured',
        captured_at: new Date(),
        provider_payment_id: providerPaymentId,
      });
    if (changed === 0) return;
    await oweBack(trx, { ...payment, provider }, reason);
  });
}

/** Inserts a capture that others made; answers false when it is on record, be it as a charge of our own. */
async function insertCapture(
  trx: Db,
  payment: ForeignPayment,
  { applied }: { applied: boolean },
): Promise<boolean> {
  const inserted = await trx('payments')
    .insert({
      id: foreignPaymentId(payment),
      booking_id: payment.bookingId,
      status: 'captured',
      applied,
      amount: payment.amount,
      currency: payment.currency,
      provider: payment.provider,
      provider_payment_id: payment.providerPaymentId,
      captured_at: new Date(),
    })
    .onConflict(['provider', 'provider_payment_id'])
    .ignore()
    .returning('id');
  return inserted.length === 1;
}

interface Capture {
  paymentId: string;
  bookingId: string;
  provider: string;
  amount: number;
  currency: string;
}

async function confirm(trx: Db, capture: Capture, actor: string): Promise<void> {
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

async function oweBack(trx: Db, capture: Capture, reason: string): Promise<void> {
  const { paymentId, bookingId, provider, amount, currency } = capture;
  await postCapture(trx, {
    paymentId,
    bookingId,
    provider,
    money: { amount, currency },
    price: null,
  });
  await trx('refunds').insert({
    id: refundIdOf(paymentId),
    payment_id: paymentId,
    status: 'needs_operator',
    amount,
    currency,
    reason,
  });
  await appendEvent(trx, { bookingId, type: 'payment_not_applied', actor: provider, reason });
}
