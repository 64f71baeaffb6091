import type { Actor } from '../../domain/booking-event';
import { UNDER_WAY, type Payment } from '../../domain/payment';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { CardPayment, ExternalPayment, PaymentResult } from '../../temporal/contracts/booking';
import { externalPaymentId } from '../../temporal/external-payment-id';
import type { WhyOperator } from '../../temporal/contracts/refund';
import { appendEvent } from '../bookings/events';
import { toPrice, type PriceColumns } from '../bookings/price';
import type { Db } from '../connection';
import { recordReports } from '../external-payments/reports';
import { findOutcome } from '../idempotency/outcome-view';
import { postCapture } from '../ledger/ledger';
import {
  postProviderMoney,
  postEarlierProviderMoney,
  lockProviderPayment,
  providerKeyLockSql,
} from '../provider-money/provider-money';
import { createRefund } from '../refunds/refunds';
import { call, run, statement } from '../statement';
import { inTransaction } from '../transaction';
import { bindPayment, type UnderWay } from './card-payments';
import { readKnownPayment } from './payment-view';
import { withProviderId } from './provider-id';
import { sellSeats } from './sale';

/**
 * Sells the seats for a captured card payment. One transaction books, sells the seats, records the
 * capture, posts it, and binds the payment's key.
 *
 * Workflows of an earlier version don't pass the provider's ID of the payment: theirs was put on
 * record before the money was taken.
 *
 * Safe to retry: a payment that is applied already is returned as it is.
 *
 * @throws Refusal `booking_not_payable` when the booking is settled, or the charge was undone
 * meanwhile: nothing is written.
 */
export async function confirmWithCardPayment(
  db: Db,
  payment: CardPayment,
  providerPaymentId?: string,
): Promise<PaymentResult> {
  const { paymentId, fingerprint } = payment;
  const first = call(READ_STARTED, [paymentId, providerPaymentId ?? null]);
  const confirm = () =>
    inTransaction(db, [first], async (trx, [[started]]) => {
      if (started === undefined) throw new Error(`Bug: payment ${paymentId} was never started`);
      const sold = started.applied
        ? await readTold(trx, payment)
        : await applyCardPayment(trx, payment, started);
      return { outcome: 'captured', fingerprint, payment: sold } as const;
    });
  return providerPaymentId === undefined
    ? confirm()
    : withProviderId(db, { paymentId, providerPaymentId }, confirm);
}

/** Returns what the payer was told first of a payment that is applied: more may have happened since. */
async function readTold(trx: Db, payment: CardPayment): Promise<Payment> {
  const { customerId: callerId, idempotencyKey: key } = payment;
  const bound = await findOutcome(trx, { callerId, route: 'payments', key });
  return bound?.kind === 'payment_captured' ? bound.body : readKnownPayment(trx, payment.paymentId);
}

interface StartedRow extends PriceColumns {
  applied: boolean;
  provider: string;
  provider_payment_id: string | null;
  amount: number;
  paid_currency: string;
}

/**
 * Reads a card payment, with the provider's ID of it, and the price of its booking, which never
 * changes. Locks that ID: the sale, which looks at what the provider has reported, comes after it.
 */
const READ_STARTED = statement<StartedRow, [paymentId: string, providerPaymentId: string | null]>(
  'read_started_payment',
  `SELECT p.applied, p.provider, p.provider_payment_id, p.amount, p.currency AS paid_currency,
     b.currency, b.base_amount, b.taxes_amount, b.fees_amount, b.price_amount,
     ${providerKeyLockSql('p.provider', 'p.provider_payment_id')}
   FROM (SELECT id, booking_id, applied, provider, amount, currency,
           coalesce($2::text, provider_payment_id) AS provider_payment_id
         FROM payments WHERE id = $1) AS p
   JOIN bookings b ON b.id = p.booking_id`,
);

/** Returns the payment, even if another try has applied it meanwhile. */
async function applyCardPayment(
  trx: Db,
  payment: CardPayment,
  captured: StartedRow,
): Promise<Payment> {
  const { paymentId, bookingId, customerId, idempotencyKey, fingerprint } = payment;
  const { provider, provider_payment_id: providerPaymentId, amount } = captured;
  const money = { amount, currency: captured.paid_currency };
  const capturedAt = new Date();
  const sold: Payment = {
    id: paymentId,
    bookingId,
    bookingStatus: 'booked',
    status: 'captured',
    ...money,
    capturedAt: capturedAt.toISOString(),
    declineCode: null,
    dispute: null,
  };
  const charge = providerPaymentId === null ? undefined : { provider, providerPaymentId };
  const sale = await sellSeats(trx, {
    capture: { paymentId, bookingId, provider, money, price: toPrice(captured) },
    providerPaymentId,
    capturedAt,
    actor: { kind: 'customer', id: customerId },
    outcome: {
      callerId: customerId,
      key: idempotencyKey,
      fingerprint,
      kind: 'payment_captured',
      body: sold,
    },
  });
  if (sale === 'not_sold') return readApplied(trx, paymentId);
  if (sale === 'sold' || charge === undefined) return sold;
  await postProviderMoney(trx, charge);
  const reported = await readKnownPayment(trx, paymentId);
  await bindPayment(trx, payment, { kind: 'payment_captured', body: reported });
  return reported;
}

/** @throws Refusal `booking_not_payable` when the payment pays for nothing. */
async function readApplied(trx: Db, paymentId: string): Promise<Payment> {
  const [row] = await run(trx, READ_STARTED, [paymentId, null]);
  if (row?.applied !== true) throw new Refusal('booking_not_payable', REFUSAL_TEXTS.notPayable);
  return readKnownPayment(trx, paymentId);
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
      .first();
    const isNew =
      pending !== undefined &&
      (await recordReports(trx, [{ payment, status: 'captured' }])).length === 1;
    if (!isNew) {
      const recorded = await trx('payments')
        .where({ id: paymentId, booking_id: bookingId })
        .first();
      return recorded?.applied === true;
    }
    const actor: Actor = { kind: 'payment_provider', id: provider };
    const { amount, currency } = payment;
    const money = { amount, currency };
    await sellSeats(trx, {
      capture: { paymentId, bookingId, provider, money, price: toPrice(pending) },
      providerPaymentId: null,
      capturedAt: new Date(),
      actor,
      outcome: null,
    });
    await postEarlierProviderMoney(trx, payment);
    return true;
  });
}

/**
 * Records that our own charge took money which pays for nothing, and creates its refund. Safe to
 * retry.
 *
 * Returns `sold` when the money has paid for seats meanwhile: then nothing is recorded.
 */
export async function recordUnappliedCapture(
  db: Db,
  payment: UnderWay,
  {
    provider,
    providerPaymentId,
    reason,
  }: { provider: string; providerPaymentId: string; reason: string },
): Promise<'owed_back' | 'sold'> {
  const { paymentId } = payment;
  const record = () =>
    db.transaction(async (trx) => {
      await lockProviderPayment(trx, { provider, providerPaymentId });
      const changed = await trx('payments')
        .where({ id: paymentId })
        .whereIn('status', UNDER_WAY)
        .update({
          status: 'captured',
          captured_at: new Date(),
          provider_payment_id: providerPaymentId,
        });
      if (changed === 0) {
        const earlier = await trx('payments').where({ id: paymentId }).first('applied');
        return earlier?.applied === true ? 'sold' : 'owed_back';
      }
      await refundUnapplied(trx, { ...payment, provider }, { reason, whyOperator: null });
      await postProviderMoney(trx, { provider, providerPaymentId });
      return 'owed_back';
    });
  return withProviderId(db, { paymentId, providerPaymentId }, record);
}

interface Capture {
  paymentId: string;
  /** Null when we know no such booking. */
  bookingId: string | null;
  provider: string;
  amount: number;
  currency: string;
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
