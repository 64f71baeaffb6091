import { TypedSearchAttributes } from '@temporalio/common';
import type { Offer } from '../../db/flights/offer-view';
import { abridged } from '../../domain/abridged';
import { proposeReference } from '../../domain/booking-reference';
import { combineConditions } from '../../domain/fare';
import { flightNumbersOf } from '../../domain/itinerary';
import { firstOf, initiatedBooking } from '../../domain/new-booking';
import type { PassengerRequest } from '../../domain/passenger';
import type { BookingStart } from '../../temporal/clients/bookings';
import { bookingWorkflowId } from '../../temporal/contracts';
import { bookingText } from '../../temporal/operator-texts/bookings';
import { flightNumberAttributes } from '../../temporal/flight-numbers';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
} from '../../temporal/search-attributes';
import type { Caller } from '../auth';
import { wantedFlights } from './request-faults';
import { toPassenger, type CreateBookingRequest } from './schemas';

/** A create that is to be passed on to a workflow. */
export interface NewBookingRequest {
  bookingId: string;
  fingerprint: string;
  caller: Caller;
  request: CreateBookingRequest;
  key: string | null;
}

/**
 * Returns the workflow's input, and the memo and texts that are visible before any worker has run
 * it.
 */
export function bookingStart(
  { bookingId, fingerprint, caller, request, key }: NewBookingRequest,
  slices: Offer[][],
): BookingStart {
  const { passengers, ...flights } = flightsAndParty(request);
  const { contact, metadata } = request;
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
    request: {
      bookingId,
      customerId: caller.id,
      ...flights,
      cabin: request.cabin,
      passengers,
      contactEmail: contact?.email ?? null,
      ...(contact?.phone === undefined ? {} : { contactPhone: contact.phone }),
      ...(metadata === undefined ? {} : { metadata }),
      idempotencyKey: key,
      fingerprint,
      ...(caller.maxOpenHolds === undefined ? {} : { maxOpenHolds: caller.maxOpenHolds }),
    },
    memo: { customerId: caller.id, fingerprint, booking: abridged(booking) },
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: 'initiated' },
      { key: BookingReferenceAttribute, value: reference },
      ...flightNumberAttributes(flightNumbersOf(booking)),
      { key: DepartureTimeAttribute, value: firstOf(slices).departureAt },
    ]),
    text: bookingText(booking, conditions),
  };
}

/** Returns what is to be flown, and by whom. One flight is named alone, however it was asked for. */
function flightsAndParty(request: CreateBookingRequest) {
  const slices = wantedFlights(request);
  const passengers = request.passengers.map(toPassenger);
  const [flightId, ...others] = slices.flat();
  if (flightId !== undefined && others.length === 0)
    return { flightId, passengers: passengers.map(onOneFlight) };
  return { slices: slices.map((flightIds) => ({ flightIds })), passengers };
}

function onOneFlight({ seats = [], ...passenger }: PassengerRequest): PassengerRequest {
  const [seat] = seats;
  return seat === undefined ? passenger : { ...passenger, seatNumber: seat.seatNumber };
}
