import { TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import type { PaidBooking } from '../../domain/cancellation';
import { bookingText } from '../operator-texts/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  FlightNumberAttribute,
} from '../search-attributes';
import type { BookingRestoration } from './bookings';

/** What a booking was sold for, and to whom. */
export interface SoldBooking extends PaidBooking {
  customerId: string;
}

/** Returns what starts the workflow of a sold booking again: what operators see is as it was. */
export function restorationOf(
  booking: Booking,
  { customerId, conditions }: SoldBooking,
): BookingRestoration {
  const { id: bookingId, reference, status, flight } = booking;
  return {
    request: { bookingId, customerId, restored: true },
    reference,
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: status },
      { key: BookingReferenceAttribute, value: reference },
      { key: FlightNumberAttribute, value: flight.flightNumber },
      { key: DepartureTimeAttribute, value: new Date(flight.departureAt) },
    ]),
    text: bookingText(booking, conditions),
  };
}
