import { v5 as uuidv5 } from 'uuid';
import type { RefundStatus } from '../../domain/booking';
import { SYSTEM, type Actor } from '../../domain/booking-event';
import type { ExplainedRefunds } from '../../domain/explained-refunds';
import type { Money } from '../../domain/money';
import { isUnderWay, type PaymentStatus } from '../../domain/payment';
import type { RefundToStart } from '../../temporal/contracts/booking';
import type { Settlement, WhyOperator } from '../../temporal/contracts/refund';
import { appendEvent, type BookingEvent } from '../bookings/events';
import type { Db } from '../connection';
import { isRefundReversed, postRefund } from '../ledger/ledger';
import { recordVoid } from '../payments/card-payments';
import { postProviderMoney, lockProviderPayment } from '../provider-money/provider-money';

/**
 * A payment has at most one final refund, and one for each change: so their IDs are derived. Which
 * of them is meant, a refund ID says; none, that it is the final one.
 */
export function refundIdOf(paymentId: string, changeId?: string): string {
  return uuidv5(changeId === undefined ? 'refund' : `refund/${changeId}`, paymentId);
}

function which(paymentId: string, refundId: string | undefined) {
  return refundId === undefined
    ? { payment_id: paymentId, change_id: null }
    : { id: refundId, payment_id: paymentId };
}

/** A payment that may have to be refunded, with its refund if one is on record. */
export interface RefundCase {
  paymentId: string;
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  paymentStatus: PaymentStatus;
  provider: string;
  /** True when we made the charge; false when another service did, and reported it. */
  isOwnCharge: boolean;
  /** The provider's ID of the payment; null when no response of the provider has brought it. */
  providerPaymentId: string | null;
  captured: Money;
  refund: Refund | undefined;
}

export interface Refund {
  refundId: string;
  status: RefundStatus;
  money: Money;
}

/** Reads what a refund needs to know of a payment; undefined when it was never recorded. */
export async function readRefundCase(
  db: Db,
  paymentId: string,
  refundId?: string,
): Promise<RefundCase | undefined> {
  const row = await db('payments').where({ id: paymentId }).first();
  return (
    row && {
      paymentId,
      bookingId: row.booking_id,
      paymentStatus: row.status as PaymentStatus,
      provider: row.provider,
      isOwnCharge: row.customer_id !== null,
      providerPaymentId: row.provider_payment_id,
      captured: { amount: row.amount, currency: row.currency },
      refund: await readRefund(db, paymentId, refundId),
    }
  );
}

export async function readRefund(
  db: Db,
  paymentId: string,
  refundId?: string,
): Promise<Refund | undefined> {
  const row = await db('refunds').where(which(paymentId, refundId)).first();
  return (
    row && {
      refundId: row.id,
      status: row.status as RefundStatus,
      money: { amount: row.amount, currency: row.currency },
    }
  );
}

/** Reads which refunds of a payment our books explain, whether they are made yet or not. */
export async function readExplainedRefunds(db: Db, paymentId: string): Promise<ExplainedRefunds> {
  const rows = await db('refunds').where({ payment_id: paymentId });
  const byHand = rows.filter(({ settled_by }) => settled_by !== null);
  return {
    refundIds: rows.map(({ id }) => id),
    amountByHand: byHand.reduce((sum, { amount }) => sum + amount, 0),
  };
}

/** Lists the refunds of a booking's payments that are not closed. */
export async function listOpenRefundsOf(
  db: Db,
  bookingId: string,
): Promise<{ status: RefundStatus }[]> {
  const rows = await db('refunds')
    .join('payments', 'payments.id', 'refunds.payment_id')
    .where({ booking_id: bookingId })
    .whereNot('refunds.status', 'succeeded')
    .select('refunds.status');
  return rows.map(({ status }) => ({ status: status as RefundStatus }));
}

/** Lists the open refunds of a booking's applied payments, as their workflows are started. */
export async function listRefundsToStart(db: Db, bookingId: string): Promise<RefundToStart[]> {
  const rows = await db('refunds')
    .join('payments', 'payments.id', 'refunds.payment_id')
    .where({ booking_id: bookingId, applied: true })
    .whereNot('refunds.status', 'succeeded')
    .orderBy('refunds.created_at')
    .select<{ id: string; payment_id: string; change_id: string | null }[]>(
      'refunds.id',
      'refunds.payment_id',
      'refunds.change_id',
    );
  return rows.map(({ id, payment_id, change_id }) => ({
    paymentId: payment_id,
    ...(change_id === null ? {} : { refundId: id }),
  }));
}

/** What decides whether the provider can refund money, or only an operator can return it. */
export interface Refundable {
  provider: string;
  /** True when we made the charge; false when another service did, and reported it. */
  isOwnCharge: boolean;
}

/**
 * Returns why only an operator can return the money; null when one of `ourProviders` can be asked.
 */
export function operatorReasonOf(
  { provider, isOwnCharge }: Refundable,
  ourProviders: readonly string[],
): WhyOperator | null {
  if (ourProviders.includes(provider)) return null;
  return isOwnCharge ? 'provider_not_configured' : 'foreign_provider';
}

export interface NewRefund {
  paymentId: string;
  money: Money;
  reason: string;
  /** The change that it belongs to; none for the final refund of a payment. */
  changeId?: string;
  /** Why only an operator can return the money; null when our provider can be asked. */
  whyOperator: WhyOperator | null;
}

/**
 * Commits the intent to refund money, in the transaction that makes it due. A refund that was left
 * to an operator before is resumed.
 */
export async function createRefund(trx: Db, refund: NewRefund): Promise<void> {
  await createRefunds(trx, [refund]);
  if (refund.whyOperator !== null)
    await appendNeedsOperator(trx, refund.paymentId, refund.whyOperator);
}

/**
 * Commits several such intents in one statement. The caller records them in their bookings' events.
 */
export async function createRefunds(trx: Db, refunds: readonly NewRefund[]): Promise<void> {
  if (refunds.length === 0) return;
  await trx('refunds')
    .insert(
      refunds.map(({ paymentId, money, reason, changeId, whyOperator }) => ({
        id: refundIdOf(paymentId, changeId),
        payment_id: paymentId,
        change_id: changeId ?? null,
        status: whyOperator === null ? 'pending' : 'needs_operator',
        ...money,
        reason,
      })),
    )
    .onConflict('id')
    .merge(['status', 'amount', 'currency', 'reason']);
}

/**
 * Records that the provider has refunded the money, and posts it. Returns false when the provider
 * has reported meanwhile that its refund failed: it is open again then. Safe to retry.
 */
export async function recordRefund(
  db: Db,
  paymentId: string,
  providerRefundId: string,
  refundId?: string,
): Promise<boolean> {
  const columns = { provider_refund_id: providerRefundId };
  return completeRefund(db, { paymentId, refundId }, columns, { actor: SYSTEM });
}

/**
 * Records that an operator has returned the money by hand, and posts it. A charge whose outcome was
 * unknown is closed as one that took nothing: the operator has checked that. Safe to retry.
 */
export async function recordSettlement(
  db: Db,
  paymentId: string,
  { settledBy, note }: Settlement,
  refundId?: string,
): Promise<'succeeded' | 'nothing_owed'> {
  const by = { actor: { kind: 'airline', id: settledBy } as const, note };
  const payment = await db('payments').where({ id: paymentId }).first();
  if (payment === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  if (payment.status !== 'captured' && payment.booking_id !== null) {
    await recordVoid(db, { paymentId, bookingId: payment.booking_id }, by);
    return 'nothing_owed';
  }
  const columns = { settled_by: settledBy, settlement_note: note };
  await completeRefund(db, { paymentId, refundId }, columns, by);
  return 'succeeded';
}

async function completeRefund(
  db: Db,
  { paymentId, refundId }: { paymentId: string; refundId?: string | undefined },
  columns: { provider_refund_id: string } | { settled_by: string; settlement_note: string },
  by: { actor: Actor; note?: string },
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const payment = await trx('payments').where({ id: paymentId }).first();
    const providerPaymentId = payment?.provider_payment_id ?? null;
    const key = payment && providerPaymentId && { provider: payment.provider, providerPaymentId };
    if (key) await lockProviderPayment(trx, key);
    // A provider that is asked again may name the refund that has failed.
    if ('provider_refund_id' in columns)
      if (await isRefundReversed(trx, paymentId, columns.provider_refund_id)) return false;
    const [refund] = await trx('refunds')
      .where(which(paymentId, refundId))
      .whereNot({ status: 'succeeded' })
      .update({ status: 'succeeded', ...columns })
      .returning(['amount', 'currency']);
    if (refund === undefined) return true;
    await postRefund(trx, paymentId, refund, {
      isByHand: 'settled_by' in columns,
      refundId,
    });
    await appendRefundEvent(trx, paymentId, { type: 'refunded', ...by });
    // The provider may have reported its failure before we could record that it accepted it.
    const owedAgain = key ? await postProviderMoney(trx, key) : [];
    return !owedAgain.some((again) => again.refundId === refundId);
  });
}

/**
 * Leaves a payment's refund to an operator. If the outcome of the charge is unknown, all of it may
 * have to be returned.
 *
 * Safe to retry: a refund that is settled stays as it is.
 */
export async function leaveRefundToOperator(
  db: Db,
  paymentId: string,
  why: WhyOperator,
  refundId?: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    const payment = await trx('payments').where({ id: paymentId }).forUpdate().first();
    const refund = await readRefund(trx, paymentId, refundId);
    if (payment === undefined || refund?.status === 'succeeded') return;
    if (refund?.status === 'needs_operator') return;
    if (refund === undefined) {
      if (!isUnderWay(payment.status as PaymentStatus)) return;
      const money = { amount: payment.amount, currency: payment.currency };
      await createRefund(trx, { paymentId, money, reason: 'outcome_unknown', whyOperator: why });
      return;
    }
    await trx('refunds').where(which(paymentId, refundId)).update({ status: 'needs_operator' });
    await appendNeedsOperator(trx, paymentId, why);
  });
}

async function appendNeedsOperator(trx: Db, paymentId: string, why: WhyOperator): Promise<void> {
  await appendRefundEvent(trx, paymentId, {
    type: 'refund_needs_operator',
    actor: SYSTEM,
    reason: why,
  });
}

/**
 * Appends to the booking's events. Does nothing if it is unknown which booking the money was for.
 */
async function appendRefundEvent(
  trx: Db,
  paymentId: string,
  event: Pick<BookingEvent, 'type' | 'actor' | 'reason' | 'note'>,
): Promise<void> {
  const payment = await trx('payments').where({ id: paymentId }).first('booking_id');
  if (payment === undefined || payment.booking_id === null) return;
  await appendEvent(trx, { bookingId: payment.booking_id, ...event });
}
