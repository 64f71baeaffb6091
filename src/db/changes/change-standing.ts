import type { ChangeFailure, ChangeStatus } from '../../domain/changes/change';
import type { Money } from '../../domain/money';
import { Refusal } from '../../domain/refusal';
import type { BookingChange } from '../../temporal/contracts/change';
import type { Db } from '../connection';

/** How a change stands, as far as its saga needs to know. Plain JSON. */
export interface ChangeStanding {
  changeId: string;
  status: ChangeStatus;
  failure: ChangeFailure | null;
  toPay: Money;
  /** Until when it can be paid for, in ISO 8601. */
  paymentRequiredBy: string;
  /** Whose the booking is: they pay, also where an operator changes it. */
  customerId: string;
}

/**
 * Reads a change that was begun; undefined when it was not.
 *
 * @throws Refusal `idempotency_key_reused` when the key came with another request before.
 */
export async function findStanding(
  db: Db,
  { changeId, bookingId, quoteId, fingerprint }: BookingChange,
): Promise<ChangeStanding | undefined> {
  const row = await db('changes').where({ id: changeId }).first();
  if (row === undefined) return undefined;
  const booking = await db('bookings').where({ id: row.booking_id }).first('customer_id');
  if (
    row.booking_id !== bookingId ||
    row.quote_id !== quoteId ||
    row.request_fingerprint !== fingerprint
  )
    throw new Refusal(
      'idempotency_key_reused',
      'This idempotency key came with another change before.',
    );
  return {
    changeId,
    status: row.status as ChangeStatus,
    failure: row.failure as ChangeFailure | null,
    toPay: { amount: row.to_pay_amount, currency: row.currency },
    paymentRequiredBy: row.payment_required_by.toISOString(),
    customerId: booking?.customer_id ?? row.caller_id,
  };
}
