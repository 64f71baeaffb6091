import { SYSTEM, type Actor } from '../../domain/booking-event';
import { MAX_DECLINES_PER_HOUR, UNDER_WAY, type CustomersVoidReason } from '../../domain/payment';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type {
  CardPayment,
  DeclinedPayment,
  StartedPayment,
} from '../../temporal/contracts/booking';
import { customerLock, findReachedDeclineLimit, lastDeclineSql } from '../bookings/customer-limits';
import { appendEvent } from '../bookings/events';
import { isPending } from '../bookings/is-pending';
import { isViolationOf, type Db } from '../connection';
import { bindOutcome } from '../idempotency/bind-outcome';
import type { Decision } from '../idempotency/outcome';
import { call, runTogether, statement } from '../statement';
import { inTransaction } from '../transaction';
import { withProviderId } from './provider-id';

/**
 * Commits that a charge is about to be requested, before the provider is asked. Whatever crashes
 * afterwards, the charge is on record and will be looked up.
 *
 * Safe to retry: the row is keyed by the payment.
 *
 * @throws Refusal `idempotency_key_reused` when the caller's key has paid for something else;
 * `payment_in_progress` while another payment of the booking is under way; `booking_not_payable`
 * when it is settled or the payment's money goes back; `rate_limited` when the customer has had too
 * many cards declined. Nothing is written then.
 */
export async function startPayment(
  db: Db,
  payment: CardPayment,
  provider: string,
  maxDeclinesPerHour = MAX_DECLINES_PER_HOUR,
): Promise<StartedPayment> {
  const started = await startFirstPayment(db, payment, provider, maxDeclinesPerHour);
  if (started !== undefined) return started;
  // Nothing was written. What prevented it may be over by now, so it is tried again under the lock.
  const start = startOf(payment, provider, maxDeclinesPerHour);
  return inTransaction(
    db,
    start,
    async (trx, [, [row]]) =>
      startedBy(provider, row) ?? resumePayment(trx, payment, maxDeclinesPerHour),
  );
}

/**
 * Does the same for a payment that nothing is known of yet. Returns undefined, and writes nothing,
 * where {@link startPayment} would find it on record, or refuse it.
 */
export async function startFirstPayment(
  db: Db,
  payment: CardPayment,
  provider: string,
  maxDeclinesPerHour = MAX_DECLINES_PER_HOUR,
): Promise<StartedPayment | undefined> {
  const [, [row]] = await runTogether(db, startOf(payment, provider, maxDeclinesPerHour));
  return startedBy(provider, row);
}

function startOf(payment: CardPayment, provider: string, maxDeclinesPerHour: number) {
  const { paymentId, bookingId, customerId } = payment;
  const values = [
    paymentId,
    bookingId,
    customerId,
    payment.idempotencyKey,
    payment.fingerprint,
    payment.amount,
    payment.currency,
    provider,
    maxDeclinesPerHour - 1,
  ] as const;
  return [customerLock(customerId), call(START_PAYMENT, [...values])] as const;
}

function startedBy(
  provider: string,
  row: { created_at: Date } | undefined,
): StartedPayment | undefined {
  return row && { provider, startedAt: row.created_at.toISOString() };
}

type StartPaymentValues = [
  paymentId: string,
  bookingId: string,
  customerId: string,
  idempotencyKey: string,
  fingerprint: string,
  amount: number,
  currency: string,
  provider: string,
  declinesBefore: number,
];

/**
 * Starts a payment, if its booking is pending, no other payment conflicts with it, and its customer
 * had few cards declined; else returns no row.
 *
 * The booking is checked although its workflow says that it is pending: the workflow may be behind
 * the database. That happens after Temporal lost a cancellation that was not recorded yet, or after
 * an operator's Reset.
 */
const START_PAYMENT = statement<{ created_at: Date }, StartPaymentValues>(
  'start_payment',
  `WITH pending AS (
     SELECT id FROM bookings WHERE id = $2 AND ${isPending('bookings')} FOR SHARE
   ), started AS (
     INSERT INTO payments (id, booking_id, customer_id, idempotency_key, request_fingerprint,
       status, amount, currency, provider)
     SELECT $1::uuid, pending.id, $3::text, $4::text, $5::text, 'processing', $6::bigint, $7::text,
       $8::text FROM pending
     WHERE NOT EXISTS (${lastDeclineSql('$3', '$9')})
     ON CONFLICT DO NOTHING
     RETURNING booking_id, customer_id, created_at
   ), told AS (
     INSERT INTO booking_events (booking_id, type, actor, actor_kind)
     SELECT booking_id, 'payment_started', customer_id, 'customer' FROM started
   )
   SELECT created_at FROM started`,
);

/**
 * Returns a payment that was started before. One that was given up before the provider was asked is
 * started again.
 *
 * @throws Refusal as {@link startPayment} does: why the payment could not be started.
 */
async function resumePayment(
  trx: Db,
  payment: CardPayment,
  maxDeclinesPerHour: number,
): Promise<StartedPayment> {
  const { paymentId, bookingId, customerId } = payment;
  const earlier = await trx('payments')
    .where({ id: paymentId })
    .orWhere({ customer_id: customerId, idempotency_key: payment.idempotencyKey })
    .first();
  if (earlier === undefined) {
    await requireFewDeclines(trx, customerId, maxDeclinesPerHour);
    await requirePending(trx, bookingId);
    // The row conflicts with another charge of the booking.
    throw new Refusal('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
  }
  if (
    earlier.id !== paymentId ||
    earlier.booking_id !== bookingId ||
    earlier.request_fingerprint !== payment.fingerprint
  ) {
    throw new Refusal(
      'idempotency_key_reused',
      'This idempotency key came with another payment before.',
    );
  }
  // It was undone when its outcome became known: its money can't pay for anything any more.
  if (earlier.status === 'captured' && !earlier.applied) {
    throw new Refusal('booking_not_payable', 'The money of this payment goes back to its payer.');
  }
  // It was given up before the provider was asked: its payer may try again.
  if (earlier.status === 'voided') {
    await requireFewDeclines(trx, customerId, maxDeclinesPerHour);
    await requirePending(trx, bookingId);
    await restartPayment(trx, payment);
  }
  return { provider: earlier.provider, startedAt: earlier.created_at.toISOString() };
}

/**
 * @throws Refusal `payment_in_progress` when another charge of the booking has begun meanwhile: a
 * unique index lets only one be under way.
 */
async function restartPayment(
  trx: Db,
  { paymentId, bookingId, customerId }: CardPayment,
): Promise<void> {
  try {
    await trx('payments').where({ id: paymentId }).update({ status: 'processing' });
  } catch (error) {
    if (isViolationOf(error, 'payments_one_under_way'))
      throw new Refusal('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
    throw error;
  }
  await appendEvent(trx, {
    bookingId,
    type: 'payment_started',
    actor: { kind: 'customer', id: customerId },
  });
}

/**
 * Must be called under the customer's lock. Charges under way are not counted, so at most as many
 * more can be declined as the customer has open holds.
 */
async function requireFewDeclines(trx: Db, customerId: string, limit: number): Promise<void> {
  const reached = await findReachedDeclineLimit(trx, customerId, limit);
  if (reached !== undefined) throw new Refusal('rate_limited', reached.detail, reached.retryAt);
}

async function requirePending(trx: Db, bookingId: string): Promise<void> {
  const pending = await trx('bookings')
    .where({ id: bookingId, status: 'pending' })
    .forShare()
    .first('id');
  if (pending === undefined) {
    throw new Refusal('booking_not_payable', REFUSAL_TEXTS.notPayable);
  }
}

/** A payment that is on record as under way, as far as undoing it needs. */
export type UnderWay = Pick<CardPayment, 'paymentId' | 'bookingId' | 'amount' | 'currency'>;

/** Returns the charges of a booking that are on record as under way, except the given one. */
export async function findOtherPaymentsUnderWay(
  db: Db,
  bookingId: string,
  paymentId: string,
): Promise<UnderWay[]> {
  const rows = await db('payments')
    .where({ booking_id: bookingId })
    .whereNot({ id: paymentId })
    .whereIn('status', UNDER_WAY);
  return rows.map(({ id, amount, currency }) => ({ paymentId: id, bookingId, amount, currency }));
}

/** Records that the card's money is reserved, and the provider's ID of it. Safe to retry. */
export async function recordAuthorization(
  db: Db,
  { paymentId, providerPaymentId }: { paymentId: string; providerPaymentId: string },
): Promise<void> {
  await withProviderId(db, { paymentId, providerPaymentId }, async () => {
    await db('payments')
      .where({ id: paymentId })
      .whereIn('status', UNDER_WAY)
      .update({ status: 'authorized', provider_payment_id: providerPaymentId });
  });
}

/** Records that the payment was declined, and binds its key to that. Safe to retry. */
export async function recordDecline(
  db: Db,
  payment: CardPayment,
  declineCode: string,
): Promise<DeclinedPayment> {
  const detail = `The payment was declined: ${declineCode}.`;
  await db.transaction(async (trx) => {
    const changed = await trx('payments')
      .where({ id: payment.paymentId })
      .whereIn('status', UNDER_WAY)
      .update({ status: 'declined', decline_code: declineCode });
    if (changed === 0) return;
    await appendEvent(trx, {
      bookingId: payment.bookingId,
      type: 'payment_declined',
      actor: { kind: 'customer', id: payment.customerId },
      reason: declineCode,
    });
    await bindPayment(trx, payment, {
      kind: 'payment_declined',
      body: { code: 'payment_declined', detail, declineCode },
    });
  });
  return { outcome: 'declined', fingerprint: payment.fingerprint, detail, declineCode };
}

/**
 * Records that a payment took nothing, and closes what was left to an operator about it. A `reason`
 * says that it was the customer, or their bank; without one it failed on our side. Safe to retry.
 */
export async function recordVoid(
  db: Db,
  payment: Pick<UnderWay, 'paymentId' | 'bookingId'>,
  by: { actor: Actor; note?: string; reason?: CustomersVoidReason } = { actor: SYSTEM },
): Promise<void> {
  await db.transaction(async (trx) => {
    const changed = await trx('payments')
      .where({ id: payment.paymentId })
      .whereIn('status', UNDER_WAY)
      .update({ status: 'voided' });
    if (changed === 0) return;
    await trx('refunds').where({ payment_id: payment.paymentId }).delete();
    await appendEvent(trx, {
      bookingId: payment.bookingId,
      type: 'payment_voided',
      ...by,
    });
  });
}

/** Binds a payment's key to its outcome, in the transaction that caused it. */
export async function bindPayment(
  trx: Db,
  payment: CardPayment,
  decision: Decision,
): Promise<void> {
  const key = {
    callerId: payment.customerId,
    route: 'payments',
    key: payment.idempotencyKey,
  } as const;
  await bindOutcome(trx, key, { fingerprint: payment.fingerprint, ...decision });
}
