import type { CreationView, WantedFlight } from '../../db/bookings/creation-view';
import type { Db } from '../../db/connection';
import { findFlight } from '../../db/flights/flight-view';
import { itineraryOf, type Offer } from '../../db/flights/offer-view';
import { findItineraryFault } from '../../domain/itinerary';
import { firstOf } from '../../domain/new-booking';
import { countSeats } from '../../domain/passenger';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { areOnSale } from '../../domain/sales';
import { invalidField, Problem } from '../problem';
import { FAULT_DETAILS, pathOf, wantedFlights } from './request-faults';
import type { CreateBookingRequest } from './schemas';

/**
 * Returns the offers of the flights of each slice.
 *
 * @throws Problem `flight_not_found`; `validation_failed` for a flight without such a cabin, and
 * for one that does not fit those before it.
 */
export async function offeredSlices(
  db: Db,
  request: CreateBookingRequest,
  { flights }: CreationView,
): Promise<Offer[][]> {
  const offers = new Map(flights.map(({ flightId, offer }) => [flightId, offer]));
  const slices: Offer[][] = [];
  for (const [slice, flightIds] of wantedFlights(request).entries()) {
    const offered: Offer[] = [];
    for (const [segment, flightId] of flightIds.entries())
      offered.push(
        offers.get(flightId) ??
          (await refuseUnknownOffer(db, flightId, pointerOf(request, { slice, segment }))),
      );
    slices.push(offered);
  }
  requireLegal(slices);
  return slices;
}

/** @throws Problem that says what there is not: the flight, or its cabin. */
async function refuseUnknownOffer(db: Db, flightId: string, pointer: string): Promise<never> {
  if ((await findFlight(db, flightId)) === undefined)
    throw new Problem('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
  throw invalidField(pointer, 'The flight has no such cabin.');
}

function pointerOf({ slices }: CreateBookingRequest, place: Parameters<typeof pathOf>[0]): string {
  return slices === undefined ? '/cabin' : `/${pathOf(place).join('/')}`;
}

/** @throws Problem `validation_failed`, with the pointer of the first flight that does not fit. */
function requireLegal(slices: Offer[][]): void {
  const { currency } = firstOf(slices).fare;
  const misplaced = findItineraryFault(itineraryOf(slices));
  if (misplaced !== undefined)
    throw invalidField(`/${pathOf(misplaced).join('/')}`, FAULT_DETAILS[misplaced.fault]);
  for (const [slice, offers] of slices.entries())
    for (const [segment, { fare }] of offers.entries())
      if (fare.currency !== currency)
        throw invalidField(
          `/${pathOf({ slice, segment }).join('/')}`,
          `The flight is sold in ${fare.currency}, and those before it in ${currency}.`,
        );
}

/**
 * Returns a refusal that is certain from reading the flights alone. Such a refusal needs no
 * workflow, and binds no key.
 *
 * @throws Problem `validation_failed` for a seat that the cabin doesn't have.
 */
export function findRefusal(
  { passengers }: CreateBookingRequest,
  slices: Offer[][],
  { flights }: CreationView,
): Problem | undefined {
  if (!areOnSale(slices.flat(), new Date()))
    return new Problem('flight_closed', REFUSAL_TEXTS.flightClosed);
  const known = new Map(flights.map((flight) => [flight.flightId, flight]));
  const [first] = flights;
  let isTaken = flights.some(({ free }) => free < countSeats(passengers));
  passengers.forEach(({ seatNumber, seats = [] }, index) => {
    const at = `/passengers/${String(index)}`;
    if (seatNumber !== undefined)
      isTaken = !isAvailable(first, seatNumber, `${at}/seatNumber`) || isTaken;
    seats.forEach((seat, which) => {
      const flight = known.get(seat.flightId);
      const pointer = `${at}/seats/${String(which)}/seatNumber`;
      isTaken = !isAvailable(flight, seat.seatNumber, pointer) || isTaken;
    });
  });
  return isTaken ? new Problem('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable) : undefined;
}

function isAvailable(
  flight: WantedFlight | undefined,
  seatNumber: string,
  pointer: string,
): boolean {
  const seat = flight?.seats.find((known) => known.seatNumber === seatNumber);
  if (seat === undefined) throw invalidField(pointer, `The cabin has no seat ${seatNumber}.`);
  return seat.available;
}
