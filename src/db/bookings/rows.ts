import type { Booking } from '../../domain/booking';
import type { Price } from '../../domain/fare';
import { countSeats } from '../../domain/passenger';
import type { BookingRequest } from '../../temporal/contracts';
import type { Offer } from '../flights/offer-view';
import { priceColumns } from './price';

/** The row of a new booking, apart from its reference and its standing. */
export function bookingRow(
  request: BookingRequest,
  { refundable, cancellationFee }: Offer['conditions'],
  {
    price,
    createdAt,
    paymentRequiredBy,
  }: { price: Price; createdAt: Date; paymentRequiredBy: Date | null },
) {
  return {
    id: request.bookingId,
    customer_id: request.customerId,
    flight_id: request.flightId,
    cabin: request.cabin,
    seat_count: countSeats(request.passengers),
    ...priceColumns(price),
    refundable,
    cancellation_fee_amount: cancellationFee.amount,
    contact_email: request.contactEmail,
    payment_required_by: paymentRequiredBy,
    created_at: createdAt,
  };
}

/** The rows of a booking's passengers, without its ID. */
export function passengerRows(passengers: Booking['passengers']) {
  return passengers.map(({ givenName, familyName, type, seatNumber }, position) => ({
    position,
    given_name: givenName,
    family_name: familyName,
    type,
    seat_number: seatNumber,
  }));
}

export type BookingRow = ReturnType<typeof bookingRow> & { reference: string; status: 'pending' };
export type PassengerRow = ReturnType<typeof passengerRows>[number];
