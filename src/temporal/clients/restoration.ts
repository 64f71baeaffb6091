import { TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import type { PaidBooking } from '../../domain/cancellation';
import { flightNumbersOf } from '../../domain/itinerary';
import type { RestoredBooking } from '../contracts';
import { flightNumberAttributes } from '../flight-numbers';
import { bookingText } from '../operator-texts/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
} from '../search-attributes';

/** What a booking was sold for, and to whom. */
export interface SoldBooking extends PaidBooking {
  customerId: string;
}

/**
 * Returns the input of a run that takes up a sold booking again, and what operators see of it: the
 * same as before.
 */
export function restoredRun(booking: Booking, { customerId, conditions }: SoldBooking) {
  const { id: bookingId, reference, status, flight } = booking;
  const request: RestoredBooking = { bookingId, customerId, restored: true };
  return {
    args: [request] as [RestoredBooking],
    memo: { reference },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: status },
      { key: BookingReferenceAttribute, value: reference },
      ...flightNumberAttributes(flightNumbersOf(booking)),
      { key: DepartureTimeAttribute, value: new Date(flight.departureAt) },
    ]),
    ...bookingText(booking, conditions),
  };
}
