import type { ChangedSale, ChangedSegment } from '../../domain/changes/changed-itinerary';
import type { BookingChange } from '../../temporal/contracts/change';
import { priceColumns } from '../bookings/price';

/** The row of a new change. */
export function changeRow(
  { changeId, bookingId, quoteId, requestedBy, idempotencyKey, fingerprint }: BookingChange,
  { price, conditions, money }: ChangedSale,
  paymentRequiredBy: Date,
) {
  return {
    id: changeId,
    booking_id: bookingId,
    quote_id: quoteId,
    caller_id: requestedBy,
    idempotency_key: idempotencyKey,
    request_fingerprint: fingerprint,
    ...priceColumns(price),
    fee_amount: money.fee.amount,
    to_pay_amount: money.toPay.amount,
    to_refund_amount: money.toRefund.amount,
    refundable: conditions.refundable,
    cancellation_fee_amount: conditions.cancellationFee.amount,
    payment_required_by: paymentRequiredBy,
  };
}

/** The rows of the whole itinerary after a change. */
export function changeSegmentRows(
  changeId: string,
  slices: readonly (readonly ChangedSegment[])[],
) {
  return slices
    .flatMap((segments, slice) => segments.map((segment) => ({ slice, segment })))
    .map(({ slice, segment: { flightId, cabin, price, conditions, isNew } }, position) => ({
      change_id: changeId,
      position,
      slice,
      flight_id: flightId,
      cabin,
      base_amount: price.breakdown.base,
      taxes_amount: price.breakdown.taxes,
      fees_amount: price.breakdown.fees,
      refundable: conditions.refundable,
      cancellation_fee_amount: conditions.cancellationFee.amount,
      is_new: isNew,
    }));
}
