import type { Booking } from '../../domain/booking';
import { combineConditions, quoteFare, type Price } from '../../domain/fare';
import { firstOf } from '../../domain/new-booking';
import { countSeats } from '../../domain/passenger';
import type { BookingRequest } from '../../temporal/contracts/booking';
import type { OfferedSlices } from '../flights/offer-view';
import { contactAddress } from './contact-address';
import { priceColumns } from './price';

/** The row of a new booking, apart from its reference and its standing. */
export function bookingRow(
  request: BookingRequest,
  slices: OfferedSlices,
  {
    price,
    createdAt,
    paymentRequiredBy,
  }: { price: Price; createdAt: Date; paymentRequiredBy: Date | null },
) {
  const segments = slices.flat();
  const { refundable, cancellationFee } = combineConditions(
    segments.map(({ conditions }) => conditions),
  );
  return {
    id: request.bookingId,
    customer_id: request.customerId,
    flight_id: firstOf(slices).flight.id,
    cabin: request.cabin,
    seat_count: countSeats(request.passengers),
    segment_count: segments.length,
    ...priceColumns(price),
    refundable,
    cancellation_fee_amount: cancellationFee.amount,
    contact_email: request.contactEmail === null ? null : contactAddress(request.contactEmail),
    contact_phone: request.contactPhone ?? null,
    metadata: request.metadata ?? null,
    payment_required_by: paymentRequiredBy,
    created_at: createdAt,
  };
}

/** The rows of the flights of a booking of several, without its ID; none of a booking of one. */
export function segmentRows({ passengers }: BookingRequest, slices: OfferedSlices) {
  const segments = slices.flatMap((offers, slice) => offers.map((offer) => ({ slice, offer })));
  if (segments.length === 1) return [];
  return segments.map(({ slice, offer: { flight, cabin, fare, conditions } }, position) => {
    const { base_amount, taxes_amount, fees_amount } = priceColumns(quoteFare(fare, passengers));
    return {
      position,
      slice,
      flight_id: flight.id,
      cabin,
      base_amount,
      taxes_amount,
      fees_amount,
      refundable: conditions.refundable,
      cancellation_fee_amount: conditions.cancellationFee.amount,
    };
  });
}

/** The rows of a booking's passengers, without its ID. */
export function passengerRows(passengers: Booking['passengers']) {
  return passengers.map((passenger, position) => ({
    position,
    given_name: passenger.givenName,
    family_name: passenger.familyName,
    type: passenger.type,
    seat_number: passenger.seatNumber,
    title: passenger.title ?? null,
    born_on: passenger.bornOn ?? null,
    loyalty_number: passenger.loyaltyNumber ?? null,
  }));
}

/** The rows of where passengers sit in a booking of several flights, without its ID. */
export function passengerSeatRows(passengers: Booking['passengers']) {
  return passengers.flatMap(({ seats = [] }, position) =>
    seats.map(({ flightId, seatNumber }) => ({
      flight_id: flightId,
      position,
      seat_number: seatNumber,
    })),
  );
}

export type BookingRow = ReturnType<typeof bookingRow> & { reference: string; status: 'pending' };
export type SegmentRow = ReturnType<typeof segmentRows>[number];
export type PassengerRow = ReturnType<typeof passengerRows>[number];
export type PassengerSeatRow = ReturnType<typeof passengerSeatRows>[number];
