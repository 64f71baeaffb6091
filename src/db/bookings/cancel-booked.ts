import type { Booking } from '../../domain/booking';
import { cancelledBy } from '../../domain/booking-event';
import { isCancellableAt, quoteCancellation } from '../../domain/cancellation';
import { splitRefund } from '../../domain/changes/refund-split';
import { isSameMoney, type Money } from '../../domain/money';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { SaleCancellation } from '../../temporal/contracts/cancellation';
import type { Db } from '../connection';
import { postCancellation } from '../ledger/ledger';
import { listCaptures, listOpenFinalRefunds, refundParts } from '../refunds/parts';
import { settleOffers } from '../schedule-changes/offers';
import { putSeatsOnSale } from '../seats/seats';
import { readKnownBooking } from './booking-view';
import { readSale } from './cancellation-view';
import { appendEvent } from './events';

/** A paid booking that is cancelled, and the payment that is refunded for it. */
export interface CancelledSale {
  booking: Booking;
  /** Null when nothing is refunded, or all of it has been. */
  refundOf: string | null;
  /** The same of its other payments, of a booking that was changed. */
  moreRefundsOf?: string[];
  /**
   * Whether the booking's workflow has the money refunded by one activity. Absent in results of
   * earlier releases, whose workflows start one more workflow for each payment.
   */
  isRefundedAtOnce?: true;
}

/** Returns the payments of a cancelled sale that something goes back of. */
export function paymentsOwedOf({
  refundOf,
  moreRefundsOf = [],
}: Pick<CancelledSale, 'refundOf' | 'moreRefundsOf'>): string[] {
  return refundOf === null ? [] : [refundOf, ...moreRefundsOf];
}

export interface SaleCancellationTerms extends Pick<SaleCancellation, 'asOperator'> {
  /** Who decided it: the ID of a customer or an operator. */
  actor: string;
  /** The reason, in words that the booking's owner may read, if one was given. */
  reasonGiven?: string | undefined;
  /** The operator's note for other operators, if any. */
  note?: string | undefined;
  /** Set when nobody has responded to a significant schedule change in time. */
  because?: 'flight_cancelled' | undefined;
  /** The amount that the caller expects to be refunded. */
  expectedRefund?: Money | undefined;
  /** When it was requested: the amount refunded depends on it. */
  requestedAt: Date;
  /** The providers that we can ask for a refund ourselves. */
  ourProviders: readonly string[];
}

/**
 * Cancels a booking that is paid for. Frees its seats, posts what is owed and what is kept, and
 * commits the intent to refund, in one transaction.
 *
 * Safe to retry: a booking that is cancelled already is returned as it is.
 *
 * @throws Refusal `booking_not_cancellable` when its flight has departed; `quote_changed` when
 * another amount than the expected one would be refunded; `change_in_progress`;
 * `booking_not_found`. Or when it is to end because of a schedule change, and another one has come
 * that it need not end for. Nothing changes then.
 */
export async function cancelBookedBooking(
  db: Db,
  bookingId: string,
  {
    asOperator,
    actor,
    reasonGiven,
    note,
    because,
    expectedRefund,
    requestedAt,
    ourProviders,
  }: SaleCancellationTerms,
): Promise<CancelledSale> {
  return db.transaction(async (trx) => {
    await trx('bookings').where({ id: bookingId }).forUpdate().first('id');
    const sale = await readSale(trx, bookingId);
    if (sale === undefined) throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
    if (sale.status === 'booked') {
      if (because !== undefined && sale.disruption === null)
        throw new Error(`What disrupted booking ${bookingId} does so no more`);
      if (!isCancellableAt(sale, requestedAt)) {
        throw new Refusal('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
      }
      const reason = because ?? (asOperator ? 'operator_request' : 'customer_request');
      const quote = quoteCancellation(sale, { byOperator: asOperator, at: requestedAt });
      if (expectedRefund !== undefined && !isSameMoney(quote.refund, expectedRefund)) {
        throw new Refusal('quote_changed', REFUSAL_TEXTS.anotherQuote);
      }
      if (sale.isChanging) throw new Refusal('change_in_progress', REFUSAL_TEXTS.changeInProgress);
      await trx('bookings')
        .where({ id: bookingId, status: 'booked' })
        .update({ status: 'cancelled', cancellation_reason: reason });
      await putSeatsOnSale(trx, bookingId, 'sold');
      await settleOffers(trx, bookingId, {
        outcome: 'cancelled',
        decidedBy: because === undefined ? 'person' : 'system',
        at: requestedAt,
      });
      const captures = await listCaptures(trx, bookingId);
      const owed = splitRefund(quote.refund.amount, captures);
      const paymentId = owed[0]?.paymentId ?? sale.paymentId;
      await postCancellation(trx, { paymentId, price: sale.price, fee: quote.fee, owed });
      await appendEvent(trx, {
        bookingId,
        type: 'cancelled',
        actor: cancelledBy(reason, actor),
        reason: reasonGiven ?? reason,
        note,
      });
      await refundParts(trx, captures, { owed, reason, ourProviders });
    }
    const [refundOf = null, ...moreRefundsOf] = await listOpenFinalRefunds(trx, bookingId);
    return {
      booking: await readKnownBooking(trx, bookingId),
      refundOf,
      ...(moreRefundsOf.length === 0 ? {} : { moreRefundsOf }),
      isRefundedAtOnce: true,
    };
  });
}
