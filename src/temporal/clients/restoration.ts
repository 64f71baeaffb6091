import { TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import type { PaidBooking } from '../../domain/cancellation';
import type { FareConditions } from '../../domain/fare';
import { flightNumbersOf, slicesOf } from '../../domain/itinerary';
import type { BookingRequest, RestoredBooking } from '../contracts/booking';
import { fairnessOf } from './fairness';
import { flightNumberAttributes } from '../contracts/flight-numbers';
import { bookingText } from '../operator-texts/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
} from '../contracts/search-attributes';

/** What a booking was sold for, and to whom. */
export interface SoldBooking extends PaidBooking {
  customerId: string;
}

/**
 * Returns the input of a run that takes up a sold booking again, and what operators see of it: the
 * same as before.
 */
export function restoredRun(booking: Booking, { customerId, conditions }: SoldBooking) {
  const request: RestoredBooking = { bookingId: booking.id, customerId, restored: true };
  return { args: [request] as [RestoredBooking], ...shownOf(booking, conditions) };
}

/**
 * Returns the input of a run that takes up a booking whose seats are held, likewise. It asks for the
 * booking as it is: the claim of its seats finds them held, with their deadline, and takes none.
 */
export function restoredHold(
  booking: Booking,
  { customerId, conditions }: { customerId: string; conditions: FareConditions },
) {
  const slices = slicesOf(booking).map(({ segments }) => ({
    flightIds: segments.map(({ id }) => id),
  }));
  const flightIds = slices.flatMap((slice) => slice.flightIds);
  const request: BookingRequest = {
    bookingId: booking.id,
    customerId,
    ...(flightIds.length === 1 ? { flightId: booking.flight.id } : { slices }),
    cabin: booking.cabin,
    passengers: booking.passengers.map(({ givenName, familyName, type }) => ({
      ...(givenName === null ? {} : { givenName }),
      familyName,
      type,
    })),
    contactEmail: null,
    // What its own key returns is in the database.
    idempotencyKey: null,
    fingerprint: RESTORED,
  };
  return { args: [request] as [BookingRequest], ...shownOf(booking, conditions) };
}

/** No digest of any request. */
const RESTORED = 'restored';

/** What operators see of a run that takes up a booking. */
function shownOf(booking: Booking, conditions: FareConditions) {
  const { reference, status, flight } = booking;
  return {
    memo: { reference },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: status },
      { key: BookingReferenceAttribute, value: reference },
      ...flightNumberAttributes(flightNumbersOf(booking)),
      { key: DepartureTimeAttribute, value: new Date(flight.departureAt) },
    ]),
    ...bookingText(booking, conditions),
    priority: fairnessOf(booking),
  };
}
