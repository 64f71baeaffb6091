import { splitRefund } from '../../domain/changes/refund-split';
import type { Price } from '../../domain/fare';
import { UNDER_WAY } from '../../domain/payment';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BookingChange, DecidedChange } from '../../temporal/contracts/change';
import { appendEvent } from '../bookings/events';
import { toPrice } from '../bookings/price';
import type { Db } from '../connection';
import { bindOutcome } from '../idempotency/bind-outcome';
import { findOutcome } from '../idempotency/outcome-view';
import { postCapture, postChange } from '../ledger/ledger';
import { lockProviderPayment, postProviderMoney } from '../provider-money/provider-money';
import { listCaptures, refundParts } from '../refunds/parts';
import { withProviderId } from '../payments/provider-id';
import type Changes from '../rows/public/Changes';
import { settleByChange } from '../schedule-changes/after-change';
import { readKnownChange } from './change-view';
import { exchangeFlights } from './exchange-flights';
import { lockChange } from './pending-change';

/** A captured payment that pays for a change. */
export interface ChangeCapture {
  paymentId: string;
  provider: string;
  providerPaymentId: string;
}

/**
 * Completes a change: one transaction frees the old seats, sells the new ones, and writes the
 * price, the capture, the ledger, the intent to refund, the event, and what the key is bound to.
 *
 * Safe to retry: a change that is completed already is returned as it is.
 *
 * @throws when it has failed, or its charge was undone meanwhile: the money goes back. Refusal
 * `quote_expired` when the airline has changed one of its new flights: it is to be failed.
 */
export async function completeChange(
  db: Db,
  change: BookingChange,
  {
    capture,
    ourProviders,
  }: { capture: ChangeCapture | undefined; ourProviders: readonly string[] },
): Promise<DecidedChange> {
  const complete = () =>
    db.transaction((trx) => completeIn(trx, change, { capture, ourProviders }));
  return capture === undefined ? complete() : withProviderId(db, capture, complete);
}

async function completeIn(
  trx: Db,
  change: BookingChange,
  {
    capture,
    ourProviders,
  }: { capture: ChangeCapture | undefined; ourProviders: readonly string[] },
): Promise<DecidedChange> {
  const { changeId, bookingId, requestedBy, fingerprint } = change;
  if (capture !== undefined) await lockProviderPayment(trx, capture);
  const row = await lockChange(trx, changeId);
  if (row.status === 'failed')
    throw new Error(`Change ${changeId} has failed: ${String(row.failure)}`);
  if (row.status === 'pending') {
    if (row.flight_changed) throw new Refusal('quote_expired', REFUSAL_TEXTS.flightChanged);
    const before = await readPrice(trx, bookingId);
    await applyCapture(trx, row, capture);
    await exchangeFlights(trx, row);
    await trx('changes')
      .where({ id: changeId })
      .update({ status: 'completed', decided_at: new Date() });
    await settleByChange(trx, bookingId, new Date());
    await settle(trx, row, { before, capture, ourProviders });
    await appendEvent(trx, {
      bookingId,
      type: 'changed',
      actor: { kind: change.asOperator ? 'airline' : 'customer', id: requestedBy },
    });
    if (capture !== undefined) await postProviderMoney(trx, capture);
  }
  const key = { callerId: requestedBy, route: 'changes', key: change.idempotencyKey } as const;
  // The first time is what counts: more may have happened to the booking since.
  const bound = row.status === 'completed' ? await findOutcome(trx, key) : undefined;
  if (bound?.kind === 'change_completed')
    return { outcome: 'completed', fingerprint, change: bound.body };
  const completed = await readKnownChange(trx, changeId);
  await bindOutcome(trx, key, { fingerprint, kind: 'change_completed', body: completed });
  return { outcome: 'completed', fingerprint, change: completed };
}

async function readPrice(trx: Db, bookingId: string): Promise<Price> {
  const booking = await trx('bookings').where({ id: bookingId }).first();
  if (booking === undefined) throw new Error(`Bug: booking ${bookingId} is not in the database`);
  return toPrice(booking);
}

/** Records the capture that pays for a change, and posts it. */
async function applyCapture(
  trx: Db,
  { id: changeId, booking_id: bookingId, to_pay_amount: amount, currency }: Changes,
  capture: ChangeCapture | undefined,
): Promise<void> {
  if (capture === undefined) {
    if (amount > 0) throw new Error(`Bug: change ${changeId} is not paid for`);
    return;
  }
  const { paymentId, provider, providerPaymentId } = capture;
  const applied = await trx('payments')
    .where({ id: paymentId, change_id: changeId, amount, currency })
    .whereIn('status', UNDER_WAY)
    .update({
      status: 'captured',
      applied: true,
      captured_at: new Date(),
      provider_payment_id: providerPaymentId,
    });
  if (applied === 0) throw new Error(`The money of payment ${paymentId} goes back`);
  const money = { amount, currency };
  await postCapture(trx, { paymentId, bookingId, provider, money, price: 'change' });
}

/** Posts a change, and commits the intent to refund what goes back, from the newest capture on. */
async function settle(
  trx: Db,
  change: Changes,
  {
    before,
    capture,
    ourProviders,
  }: { before: Price; capture: ChangeCapture | undefined; ourProviders: readonly string[] },
): Promise<void> {
  const { id: changeId, booking_id: bookingId, currency } = change;
  const captures = await listCaptures(trx, bookingId);
  const owed = splitRefund(change.to_refund_amount, captures);
  const paymentId = capture?.paymentId ?? owed[0]?.paymentId ?? captures[0]?.paymentId;
  if (paymentId === undefined) throw new Error(`Bug: booking ${bookingId} was never paid for`);
  await postChange(trx, {
    changeId,
    paymentId,
    before,
    after: toPrice(change),
    owed,
    fee: { amount: change.fee_amount, currency },
    toPay: { amount: change.to_pay_amount, currency },
  });
  await refundParts(trx, captures, { owed, reason: 'change', changeId, ourProviders });
}
