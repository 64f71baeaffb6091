import type { ChangeFailure } from '../../domain/changes/change';
import { SYSTEM, type Actor } from '../../domain/booking-event';
import { UNDER_WAY } from '../../domain/payment';
import type { BookingChange, DecidedChange } from '../../temporal/contracts/change';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { bindOutcome } from '../idempotency/bind-outcome';
import type Changes from '../rows/public/Changes';
import { putSeatsOnSale } from '../seats/seats';
import { lockChange } from './pending-change';

/**
 * Ends a change that was not completed: the seats that it held are put on sale, and the booking is
 * as before. Does nothing where this change was never begun, or is decided. Returns whether it has
 * ended it.
 *
 * Safe to retry.
 *
 * @throws while a charge of it is under way, and not left to an operator: the money may still be
 * taken.
 */
export async function failChange(
  db: Db,
  { changeId, fingerprint }: Pick<BookingChange, 'changeId' | 'fingerprint'>,
  failure: ChangeFailure,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const known = await trx('changes')
      .where({ id: changeId, request_fingerprint: fingerprint })
      .first('id');
    if (known === undefined) return false;
    return endChange(trx, await lockChange(trx, changeId), { failure, actor: SYSTEM });
  });
}

/**
 * Records that the payment of a change was declined, ends the change, and binds its key to that, in
 * one transaction. Safe to retry.
 */
export async function declineChange(
  db: Db,
  change: BookingChange,
  { paymentId, declineCode }: { paymentId: string; declineCode: string },
): Promise<DecidedChange> {
  const { changeId, bookingId, requestedBy, fingerprint } = change;
  const detail = `The payment was declined: ${declineCode}.`;
  await db.transaction(async (trx) => {
    const row = await lockChange(trx, changeId);
    const actor: Actor = { kind: change.asOperator ? 'airline' : 'customer', id: requestedBy };
    const declined = await trx('payments')
      .where({ id: paymentId })
      .whereIn('status', UNDER_WAY)
      .update({ status: 'declined', decline_code: declineCode });
    if (declined > 0)
      await appendEvent(trx, { bookingId, type: 'payment_declined', actor, reason: declineCode });
    if (row.status !== 'pending') return;
    await endChange(trx, row, { failure: 'payment_declined', actor });
    const key = { callerId: requestedBy, route: 'changes', key: change.idempotencyKey } as const;
    const body = { code: 'payment_declined', detail, declineCode } as const;
    await bindOutcome(trx, key, { fingerprint, kind: 'change_declined', body });
  });
  return { outcome: 'declined', fingerprint, detail, declineCode };
}

async function endChange(
  trx: Db,
  { id: changeId, booking_id: bookingId, status }: Changes,
  { failure, actor }: { failure: ChangeFailure; actor: Actor },
): Promise<boolean> {
  if (status !== 'pending') return false;
  const charge = await trx('payments')
    .where({ change_id: changeId })
    .whereIn('status', UNDER_WAY)
    .whereRaw('NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = payments.id)')
    .first('id');
  if (charge !== undefined) throw new Error(`Payment ${charge.id} of the change is under way`);
  await putSeatsOnSale(trx, bookingId, 'held');
  await trx('bookings').where({ id: bookingId }).update({ pending_change_id: null });
  await trx('changes')
    .where({ id: changeId })
    .update({ status: 'failed', failure, decided_at: new Date() });
  await appendEvent(trx, { bookingId, type: 'change_failed', actor, reason: failure });
  return true;
}
