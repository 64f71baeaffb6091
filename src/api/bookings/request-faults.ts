import { findRepeatedFlight, MAX_SEGMENTS, type ItineraryFault } from '../../domain/itinerary';
import { findPartyFaults, type PassengerRequest } from '../../domain/passenger';
import { MAX_CONNECTIONS } from '../../domain/slice';

/** What a create says of flights and people, as far as its rules are seen without the flights. */
interface Request {
  flightId?: string | undefined;
  slices?: { flightIds: string[] }[] | undefined;
  passengers: readonly {
    type: PassengerRequest['type'];
    seatNumber?: string | undefined;
    seats?: { flightId: string; seatNumber: string }[] | undefined;
  }[];
}

interface RequestFault {
  path: (string | number)[];
  detail: string;
}

/** Returns the IDs of the flights of each slice that a create names. */
export function wantedFlights({ flightId, slices }: Pick<Request, 'flightId' | 'slices'>) {
  return slices?.map(({ flightIds }) => flightIds) ?? (flightId === undefined ? [] : [[flightId]]);
}

/** Returns every rule that a create breaks, whatever its flights are. */
export function findRequestFaults(request: Request): RequestFault[] {
  return [...faultsOfFlights(request), ...faultsOfParty(request), ...faultsOfSeats(request)];
}

function faultsOfFlights(request: Request): RequestFault[] {
  const misplaced = findRepeatedFlight(wantedFlights(request));
  if (misplaced === undefined) return [];
  return [{ path: pathOf(misplaced), detail: FAULT_DETAILS[misplaced.fault] }];
}

/** Returns where a create names a flight of a slice. */
export function pathOf({ slice, segment }: { slice: number; segment: number }) {
  return ['slices', slice, 'flightIds', segment];
}

function faultsOfParty({ passengers }: Request): RequestFault[] {
  const party = passengers.map((passenger) => ({ familyName: '', ...given(passenger) }));
  return findPartyFaults(party).map(({ passenger, seat, detail }) => ({
    path: [
      'passengers',
      ...(passenger === undefined ? [] : [passenger]),
      ...(seat === undefined ? [] : ['seats', seat]),
    ],
    detail,
  }));
}

function given({ type, seatNumber, seats }: Request['passengers'][number]) {
  return {
    type,
    ...(seatNumber === undefined ? {} : { seatNumber }),
    ...(seats === undefined ? {} : { seats }),
  };
}

function faultsOfSeats(request: Request): RequestFault[] {
  const flightIds = wantedFlights(request).flat();
  return request.passengers.flatMap(({ seatNumber, seats = [] }, passenger) => {
    const path = ['passengers', passenger];
    const elsewhere = seats.flatMap(({ flightId }, seat) =>
      flightIds.includes(flightId)
        ? []
        : [
            {
              path: [...path, 'seats', seat, 'flightId'],
              detail: 'The flight is not one of those to be booked.',
            },
          ],
    );
    if (seatNumber === undefined) return elsewhere;
    const why =
      flightIds.length > 1
        ? 'There are several flights: say in seats on which.'
        : 'The seat is in seats, too: send it once.';
    const isTold = flightIds.length === 1 && seats.length === 0;
    return isTold ? elsewhere : [{ path: [...path, 'seatNumber'], detail: why }, ...elsewhere];
  });
}

/** What a client is told of a flight that does not fit. */
export const FAULT_DETAILS: Record<ItineraryFault, string> = {
  too_many_flights: `At most ${MAX_SEGMENTS} flights can be booked at once.`,
  flight_twice: 'The flight is asked for twice.',
  slice_too_early: 'The slice departs before the one before it has arrived.',
  too_many_segments: `A slice has at most ${MAX_CONNECTIONS + 1} flights.`,
  another_airport: 'The flight departs from another airport than the one before it arrives at.',
  airport_twice: 'The slice comes to this airport twice.',
  connection_too_short: 'The connection is too short: at least 45 minutes are needed.',
  connection_too_long: 'The connection is too long: at most 6 hours may lie between the flights.',
  slice_too_long: 'The slice takes more than 24 hours.',
};
