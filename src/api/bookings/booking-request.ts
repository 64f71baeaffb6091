import type { PassengerRequest } from '../../domain/passenger';
import type { BookingRequest } from '../../temporal/contracts/booking';
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

/** Returns the workflow's input. */
export function toBookingRequest({
  bookingId,
  fingerprint,
  caller,
  request,
  key,
}: NewBookingRequest): BookingRequest {
  const { contact, metadata } = request;
  return {
    bookingId,
    customerId: caller.id,
    ...flightsAndParty(request),
    cabin: request.cabin,
    contactEmail: contact?.email ?? null,
    ...(contact?.phone === undefined ? {} : { contactPhone: contact.phone }),
    ...(metadata === undefined ? {} : { metadata }),
    idempotencyKey: key,
    fingerprint,
    ...(caller.maxOpenHolds === undefined ? {} : { maxOpenHolds: caller.maxOpenHolds }),
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
