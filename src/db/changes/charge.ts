import { v5 as uuidv5 } from 'uuid';
import {
  MAX_UNPAID_CHANGES_PER_BOOKING,
  UNPAID_CHANGE_COUNTS_FROM_MS,
  UNPAID_HOLD_WINDOW_MS,
} from '../../domain/hold-limits';
import { MAX_DECLINES_PER_HOUR, UNDER_WAY } from '../../domain/payment';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BookingChange } from '../../temporal/contracts/change';
import type { CardPayment, StartedPayment } from '../../temporal/contracts/booking';
import { customerLock, findReachedDeclineLimit } from '../bookings/customer-limits';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { run, statement } from '../statement';
import { inTransaction } from '../transaction';
import type { ChangeStanding } from './change-standing';

/** A change has one charge, so its ID derives from the change's. */
export function chargeOf(
  { changeId, bookingId, fingerprint, paymentMethod }: BookingChange,
  { toPay, customerId }: Pick<ChangeStanding, 'toPay' | 'customerId'>,
): CardPayment {
  return {
    paymentId: uuidv5('payment', changeId),
    bookingId,
    customerId,
    // Keys of changes are their own: the same key may have paid for the booking.
    idempotencyKey: `change/${changeId}`,
    fingerprint,
    ...toPay,
    paymentMethod: paymentMethod ?? '',
  };
}

/** A charge that was left to an operator ends when they say so: who asks then waits that long. */
const ASK_AGAIN_MS = 60_000;

/**
 * Finds what forbids to charge for a change, before anything of it is on record: the same request
 * may succeed later.
 *
 * @throws Refusal `rate_limited` when the customer has had too many cards declined, or has let too
 * many changes of the booking end unpaid; `payment_in_progress` while another charge of the booking
 * is under way. Each says when to try again.
 */
export async function requireChargeable(
  db: Db,
  { bookingId, customerId }: { bookingId: string; customerId: string },
  { maxDeclinesPerHour, at }: { maxDeclinesPerHour: number; at: Date },
): Promise<void> {
  const reached = await findReachedDeclineLimit(db, customerId, maxDeclinesPerHour);
  if (reached !== undefined) throw new Refusal('rate_limited', reached.detail, reached.retryAt);
  await requireFewUnpaidChanges(db, bookingId, at);
  const charge = await db('payments')
    .where({ booking_id: bookingId })
    .whereIn('status', UNDER_WAY)
    .first('id');
  const retryAt = new Date(at.getTime() + ASK_AGAIN_MS);
  if (charge !== undefined)
    throw new Refusal('payment_in_progress', REFUSAL_TEXTS.paymentInProgress, retryAt);
}

/** Must be called under the booking's lock: its changes come one after the other. */
async function requireFewUnpaidChanges(db: Db, bookingId: string, at: Date): Promise<void> {
  const since = new Date(at.getTime() - UNPAID_HOLD_WINDOW_MS);
  const earlier = MAX_UNPAID_CHANGES_PER_BOOKING - 1;
  const [oldest] = await run(db, FIND_UNPAID_CHANGE, [
    bookingId,
    since,
    UNPAID_CHANGE_COUNTS_FROM_MS,
    earlier,
  ]);
  if (oldest === undefined) return;
  const retryAt = new Date(oldest.created_at.getTime() + UNPAID_HOLD_WINDOW_MS);
  throw new Refusal('rate_limited', TOO_MANY_UNPAID_CHANGES, retryAt);
}

const TOO_MANY_UNPAID_CHANGES =
  'As many changes of the booking ended unpaid as one booking may have within 24 hours.';

/**
 * The change that has to leave the window first, of those that were charged for, held their seats
 * for a while, and took nothing. One whose charge failed on our side is not counted.
 */
const FIND_UNPAID_CHANGE = statement<
  { created_at: Date },
  [bookingId: string, since: Date, heldMs: number, before: number]
>(
  'find_unpaid_change',
  `SELECT c.created_at FROM changes c
   WHERE c.booking_id = $1 AND c.status = 'failed' AND c.created_at > $2
     AND c.decided_at > c.created_at + $3::float8 * interval '1 millisecond'
     AND EXISTS (
       SELECT FROM payments p
       WHERE p.booking_id = c.booking_id AND p.change_id = c.id
         AND p.status IN ('declined', 'voided'))
     AND NOT EXISTS (
       SELECT FROM booking_events e
       WHERE e.booking_id = c.booking_id AND e.type = 'payment_voided' AND e.reason IS NULL
         AND e.occurred_at BETWEEN c.created_at AND c.decided_at)
   ORDER BY c.created_at DESC OFFSET $4 LIMIT 1`,
);

/**
 * Commits that a charge for a change is about to be requested, before the provider is asked.
 *
 * Safe to retry: the row is keyed by the payment, and one that is on record is returned.
 *
 * @throws Refusal `booking_not_changeable` when the change is not pending, or what forbids to charge
 * for it has come since it was begun: it is over then, and needs another request. Nothing is written.
 */
export async function startChangePayment(
  db: Db,
  { changeId, payment }: { changeId: string; payment: CardPayment },
  provider: string,
  maxDeclinesPerHour = MAX_DECLINES_PER_HOUR,
): Promise<StartedPayment> {
  const { paymentId, bookingId, customerId, amount, currency } = payment;
  return inTransaction(db, [customerLock(customerId)], async (trx) => {
    const earlier = await trx('payments').where({ id: paymentId }).first();
    if (earlier !== undefined)
      return { provider: earlier.provider, startedAt: earlier.created_at.toISOString() };
    const reached = await findReachedDeclineLimit(trx, customerId, maxDeclinesPerHour);
    if (reached !== undefined) throw new Refusal('booking_not_changeable', reached.detail);
    const booking = await trx('bookings')
      .where({ id: bookingId, pending_change_id: changeId })
      .forShare()
      .first('id');
    const due = { id: changeId, to_pay_amount: amount, currency };
    const change = await trx('changes').where(due).first('id');
    if (booking === undefined || change === undefined)
      throw new Refusal('booking_not_changeable', REFUSAL_TEXTS.notChangeable);
    const [started] = await trx('payments')
      .insert({
        id: paymentId,
        booking_id: bookingId,
        change_id: changeId,
        customer_id: customerId,
        idempotency_key: payment.idempotencyKey,
        request_fingerprint: payment.fingerprint,
        status: 'processing',
        amount,
        currency,
        provider,
      })
      .onConflict()
      .ignore()
      .returning('created_at');
    if (started === undefined)
      throw new Refusal('booking_not_changeable', REFUSAL_TEXTS.paymentInProgress);
    await appendEvent(trx, {
      bookingId,
      type: 'payment_started',
      actor: { kind: 'customer', id: customerId },
    });
    return { provider, startedAt: started.created_at.toISOString() };
  });
}
