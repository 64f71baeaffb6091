import type { RefundStatus } from '../../domain/booking';
import type { Change, ChangeFailure, ChangeStatus } from '../../domain/changes/change';
import { readKnownBooking } from '../bookings/booking-view';
import type { Db } from '../connection';
import { readKnownPayment } from '../payments/payment-view';

/** A change of a booking as its owner sees it, with what is open of it. */
export async function readChange(
  db: Db,
  bookingId: string,
  changeId: string,
): Promise<Change | undefined> {
  const row = await db('changes').where({ id: changeId, booking_id: bookingId }).first();
  if (row === undefined) return undefined;
  const payment = await db('payments').where({ change_id: changeId }).first('id');
  return {
    id: changeId,
    bookingId,
    status: row.status as ChangeStatus,
    booking: await readKnownBooking(db, bookingId),
    payment: payment === undefined ? null : await readKnownPayment(db, payment.id),
    refund: await readRefundOf(db, changeId),
    failure: row.failure as ChangeFailure | null,
  };
}

/** Whether a change of a booking is being made. */
export async function isChanging(db: Db, bookingId: string): Promise<boolean> {
  const row = await db('bookings').where({ id: bookingId }).first('pending_change_id');
  return row !== undefined && row.pending_change_id !== null;
}

/** Reads a change that must exist. */
export async function readKnownChange(db: Db, changeId: string): Promise<Change> {
  const row = await db('changes').where({ id: changeId }).first('booking_id');
  const change = row && (await readChange(db, row.booking_id, changeId));
  if (change === undefined) throw new Error(`Bug: change ${changeId} is not in the database`);
  return change;
}

/** Lists the refunds of a change that are not closed, and the payments that they are of. */
export async function listOpenRefundsOfChange(
  db: Db,
  changeId: string,
): Promise<{ refundId: string; paymentId: string }[]> {
  const rows = await db('refunds')
    .where({ change_id: changeId })
    .whereNot({ status: 'succeeded' })
    .select('id', 'payment_id');
  return rows.map(({ id, payment_id }) => ({ refundId: id, paymentId: payment_id }));
}

/** The sum of what goes back for a change, with the status of the least settled part. */
async function readRefundOf(db: Db, changeId: string): Promise<Change['refund']> {
  const parts = await db('refunds').where({ change_id: changeId });
  const [first] = parts;
  if (first === undefined) return null;
  const order: RefundStatus[] = ['needs_operator', 'pending', 'succeeded'];
  const status = order.find((one) => parts.some((part) => part.status === one));
  if (status === undefined) throw new Error(`Bug: a refund of change ${changeId} has no status`);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  return { status, amount, currency: first.currency };
}
