import { TypedSearchAttributes } from '@temporalio/common';
import { abridged } from '../../domain/abridged';
import { proposeReference } from '../../domain/booking-reference';
import { combineConditions, type FareConditions } from '../../domain/fare';
import { flightNumbersOf } from '../../domain/itinerary';
import { firstOf, initiatedBooking, type SoldSegment } from '../../domain/new-booking';
import { bookingWorkflowId, type BookingRequest } from '../contracts/booking';
import { flightNumberAttributes } from '../contracts/flight-numbers';
import { bookingText } from '../operator-texts/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
} from '../contracts/search-attributes';
import type { BookingStart } from './bookings';

/** A flight as it is offered to a booking. */
interface OfferedSegment extends SoldSegment {
  departureAt: Date;
  conditions: FareConditions;
}

/**
 * Returns the start of a booking's workflow: its input, and the memo and texts that are visible
 * before any worker has run it. `slices` are the offers of the flights that the request names.
 */
export function bookingStart(request: BookingRequest, slices: OfferedSegment[][]): BookingStart {
  const { bookingId, customerId, fingerprint, passengers, metadata } = request;
  const reference = proposeReference(bookingId);
  const booking = initiatedBooking({
    id: bookingId,
    reference,
    workflowId: bookingWorkflowId(bookingId),
    slices,
    passengers,
    metadata,
    createdAt: new Date(),
  });
  const conditions = combineConditions(slices.flat().map((offer) => offer.conditions));
  return {
    request,
    memo: { customerId, fingerprint, booking: abridged(booking) },
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: 'initiated' },
      { key: BookingReferenceAttribute, value: reference },
      ...flightNumberAttributes(flightNumbersOf(booking)),
      { key: DepartureTimeAttribute, value: firstOf(slices).departureAt },
    ]),
    text: bookingText(booking, conditions),
  };
}
