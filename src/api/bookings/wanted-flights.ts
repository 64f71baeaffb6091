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
import { findUnfitAges } from './ages';
import { FAULT_DETAILS, pathOf, wantedFlights } from './request-faults';
import type { CreateBookingRequest } from './schemas';

/**
 * Returns the offers of the flights of each slice.
 *
 * @throws Problem `flight_not_found`; `validation_failed` for a flight without such a cabin. Neither
 * is ever taken out of the timetable, so an earlier request with the same key got the same.
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
          (await refuseUnknownOffer(db, flightId, cabinPointer(request, { slice, segment }))),
      );
    slices.push(offered);
  }
  return slices;
}

/** @throws Problem that says what there is not: the flight, or its cabin. */
async function refuseUnknownOffer(db: Db, flightId: string, pointer: string): Promise<never> {
  if ((await findFlight(db, flightId)) === undefined)
    throw new Problem('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
  throw invalidField(pointer, 'The flight has no such cabin.');
}

type Place = Parameters<typeof pathOf>[0];

function cabinPointer({ slices }: CreateBookingRequest, place: Place): string {
  return slices === undefined ? '/cabin' : pointerTo(place);
}

function pointerTo(place: Place): string {
  return `/${pathOf(place).join('/')}`;
}

/**
 * Returns a refusal that is certain from reading the flights alone, as they are now. Such a refusal
 * needs no workflow, and binds no key. An earlier request with the key may have found them otherwise.
 */
export function findRefusal(
  request: CreateBookingRequest,
  slices: Offer[][],
  view: CreationView,
): Problem | undefined {
  return (
    findMisplaced(slices) ??
    findOtherCurrency(slices) ??
    findUnfitAges(request, slices) ??
    findClosed(slices) ??
    findTaken(request, view)
  );
}

function findMisplaced(slices: Offer[][]): Problem | undefined {
  const misplaced = findItineraryFault(itineraryOf(slices));
  return misplaced && invalidField(pointerTo(misplaced), FAULT_DETAILS[misplaced.fault]);
}

function findOtherCurrency(slices: Offer[][]): Problem | undefined {
  const { currency } = firstOf(slices).fare;
  for (const [slice, offers] of slices.entries())
    for (const [segment, { fare }] of offers.entries())
      if (fare.currency !== currency)
        return invalidField(
          pointerTo({ slice, segment }),
          `The flight is sold in ${fare.currency}, and those before it in ${currency}.`,
        );
  return undefined;
}

function findClosed(slices: Offer[][]): Problem | undefined {
  return areOnSale(slices.flat(), new Date())
    ? undefined
    : new Problem('flight_closed', REFUSAL_TEXTS.flightClosed);
}

function findTaken(
  { passengers }: CreateBookingRequest,
  { flights }: CreationView,
): Problem | undefined {
  const chosen = passengers.flatMap((passenger, index) => chosenSeats(passenger, index, flights));
  const unknown = chosen.find(({ seat }) => seat === undefined);
  if (unknown !== undefined)
    return invalidField(unknown.pointer, `The cabin has no seat ${unknown.seatNumber}.`);
  const isTaken =
    flights.some(({ free }) => free < countSeats(passengers)) ||
    chosen.some(({ seat }) => seat?.available === false);
  return isTaken ? new Problem('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable) : undefined;
}

/** Returns the seats that a passenger has chosen, as far as the cabins have them. */
function chosenSeats(
  { seatNumber, seats = [] }: CreateBookingRequest['passengers'][number],
  passenger: number,
  flights: WantedFlight[],
) {
  const at = `/passengers/${String(passenger)}`;
  const [first] = flights;
  const choice = (flight: WantedFlight | undefined, number: string, pointer: string) => {
    const seat = flight?.seats.find((known) => known.seatNumber === number);
    return { seatNumber: number, pointer, seat };
  };
  return [
    ...(seatNumber === undefined ? [] : [choice(first, seatNumber, `${at}/seatNumber`)]),
    ...seats.map((seat, which) => {
      const flight = flights.find(({ flightId }) => flightId === seat.flightId);
      return choice(flight, seat.seatNumber, `${at}/seats/${String(which)}/seatNumber`);
    }),
  ];
}
