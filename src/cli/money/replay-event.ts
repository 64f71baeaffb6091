import { findBookingStatus } from '../../db/bookings/booking-view';
import { findProvidersPayment, type PaymentOnRecord } from '../../db/payments/record-view';
import { formatMoney, isSameMoney } from '../../domain/money';
import type { ExternalPayment } from '../../temporal/contracts/booking';
import { createPaymentWorkflows } from '../../temporal/clients/payment-workflows';
import { CommandFailure } from '../failure';
import type { System } from '../systems';
import { waitUntil } from '../wait';

/** A running worker records a payment in milliseconds. */
const RECORDING_MS = 10_000;

/**
 * Reports a captured payment, as the provider's own event would have. It books the booking, or is
 * refunded. Returns the payment as it is on record then.
 *
 * Safe to repeat: captured money has one effect, whichever way and however often it is reported.
 *
 * @throws when one of our own providers disagrees, or names no booking: nothing else confirms what
 * is typed here, and that provider would be asked for the refund later.
 */
export async function replayEvent(
  { db, client, taskQueue, providers }: System,
  payment: ExternalPayment,
): Promise<PaymentOnRecord> {
  const { bookingId, provider, providerPaymentId } = payment;
  const gateway = providers.named(provider);
  if (gateway !== undefined) {
    const theirs = await gateway.retrieve(providerPaymentId);
    const isCaptured = theirs?.status === 'captured' && isSameMoney(theirs.money, payment);
    if (isCaptured && theirs.bookingId === null)
      throw new CommandFailure(
        `Payment ${providerPaymentId} names no booking at ${provider}, and one that names none ` +
          `pays for none. Set bookingId to ${bookingId} in its metadata there and repeat this, ` +
          'or refund it there.',
      );
    if (!isCaptured || theirs.bookingId !== bookingId)
      throw new CommandFailure(`${provider} has no such payment for this booking.`);
  }
  const find = () => findProvidersPayment(db, payment);
  const known = await find();
  const isTaken = known !== undefined && known.status !== 'not_found';
  if (isTaken && known.bookingId !== bookingId)
    throw new CommandFailure(`Payment ${providerPaymentId} is on record for another booking.`);
  if (known?.status === 'captured') return known;
  await createPaymentWorkflows(client, taskQueue).deliver(payment, () =>
    findBookingStatus(db, bookingId),
  );
  await waitUntil(async () => (await find())?.status === 'captured', {
    timeoutMs: RECORDING_MS,
    onTimeout: () =>
      new CommandFailure('The report is delivered, and not on record yet: is a worker running?'),
  });
  const recorded = await find();
  if (recorded === undefined) throw new Error('Bug: a recorded payment vanished');
  return recorded;
}

/** Describes the outcome of a payment that was reported by hand. */
export function describeReplayed({ paymentId, isApplied, money, refund }: PaymentOnRecord): string {
  const what = `Payment ${paymentId}, ${formatMoney(money)}, is on record`;
  if (refund !== null) return `${what} and is refunded (${refund.reason}): ${refund.status}.`;
  return isApplied ? `${what} and pays for the booking.` : `${what}.`;
}
