import { quoteFare } from '../../domain/fare';
import type { Hold } from '../../domain/new-booking';
import { countSeats, isSeated } from '../../domain/passenger';
import type { BookingRequest } from '../../temporal/contracts';
import type { Offer } from '../flights/offer-view';

/** The row of a new booking, apart from its reference and its standing. */
export function bookingRow(
  request: BookingRequest,
  { fare, conditions }: Offer,
  { createdAt, paymentRequiredBy }: { createdAt: Date; paymentRequiredBy: Date | null },
) {
  const price = quoteFare(fare, request.passengers);
  return {
    id: request.bookingId,
    customer_id: request.customerId,
    flight_id: request.flightId,
    cabin: request.cabin,
    seat_count: countSeats(request.passengers),
    base_amount: price.breakdown.base,
    taxes_amount: price.breakdown.taxes,
    fees_amount: price.breakdown.fees,
    price_amount: price.amount,
    currency: price.currency,
    refundable: conditions.refundable,
    cancellation_fee_amount: conditions.cancellationFee.amount,
    contact_email: request.contactEmail,
    payment_required_by: paymentRequiredBy,
    created_at: createdAt,
  };
}

/** The rows of a booking's passengers, without its ID. They have seats in their order, if any. */
export function passengerRows(
  { passengers }: BookingRequest,
  seatNumbers: Hold['seatNumbers'] = [],
) {
  const seats = seatNumbers.values();
  return passengers.map((passenger, position) => ({
    position,
    given_name: passenger.givenName ?? null,
    family_name: passenger.familyName,
    type: passenger.type,
    seat_number: isSeated(passenger) ? (seats.next().value ?? null) : null,
  }));
}

export type BookingRow = ReturnType<typeof bookingRow> & { reference: string; status: 'pending' };
export type PassengerRow = ReturnType<typeof passengerRows>[number];
