export const PASSENGER_TYPES = ['adult', 'child', 'infant'] as const;

export type PassengerType = (typeof PASSENGER_TYPES)[number];

/**
 * A passenger, as the customer names them. `givenName` is missing for people with one name;
 * `seatNumber` is there when they chose a seat, of a booking of one flight. On several flights
 * `seats` says which.
 */
export interface PassengerRequest {
  givenName?: string;
  familyName: string;
  type: PassengerType;
  seatNumber?: string;
  seats?: ChosenSeat[];
  /** How they are addressed, such as `Dr`. */
  title?: string;
  /** Their date of birth, `YYYY-MM-DD`. */
  bornOn?: string;
  /** Their number in the airline's loyalty programme. */
  loyaltyNumber?: string;
}

/** A seat that a passenger chose on one of several flights. */
export interface ChosenSeat {
  flightId: string;
  seatNumber: string;
}

/** Larger parties are sold by the group sales department, here as at most airlines. */
const MAX_SEATED_PASSENGERS = 9;

/** A rule that a party breaks, and the passenger it is about (none: the party as a whole). */
export interface PartyFault {
  passenger?: number;
  /** Which of their seats, if it is about one of several. */
  seat?: number;
  detail: string;
}

/** Infants travel on an adult's lap; everyone else has a seat. */
export function isSeated<P extends { type: PassengerType }>(
  passenger: P,
): passenger is P & { type: Exclude<PassengerType, 'infant'> } {
  return passenger.type !== 'infant';
}

export function countSeats(party: readonly { type: PassengerType }[]): number {
  return party.filter(isSeated).length;
}

/**
 * Returns every rule that a party breaks:
 *
 * - 1 to 9 seated passengers, at least one adult;
 * - an adult's lap for each infant, and no seat for an infant;
 * - no seat twice, and no passenger in two seats of a flight.
 */
export function findPartyFaults(party: readonly PassengerRequest[]): PartyFault[] {
  const faults: PartyFault[] = [];
  const adults = party.filter(({ type }) => type === 'adult').length;
  const infants = party.filter(({ type }) => type === 'infant').length;
  if (adults === 0) faults.push({ detail: 'At least one passenger must be an adult.' });
  if (infants > adults) faults.push({ detail: 'Each infant needs an adult of their own.' });
  if (countSeats(party) > MAX_SEATED_PASSENGERS) {
    faults.push({
      detail: `At most ${String(MAX_SEATED_PASSENGERS)} seats can be booked at once.`,
    });
  }
  const chosen = new Set<string>();
  party.forEach(({ type, seatNumber, seats = [] }, passenger) => {
    const check = (flightId: string, number: string, where: Omit<PartyFault, 'detail'>) => {
      const isTaken = chosen.has(`${flightId} ${number}`);
      if (type === 'infant') faults.push({ ...where, detail: 'An infant has no seat.' });
      if (isTaken) faults.push({ ...where, detail: `Seat ${number} is asked for twice.` });
      chosen.add(`${flightId} ${number}`);
    };
    if (seatNumber !== undefined) check('', seatNumber, { passenger });
    const flights = new Set<string>();
    for (const [seat, { flightId, seatNumber: number }] of seats.entries()) {
      if (flights.has(flightId))
        faults.push({ passenger, seat, detail: 'They have another seat on this flight.' });
      flights.add(flightId);
      check(flightId, number, { passenger, seat });
    }
  });
  return faults;
}

/**
 * Returns those of a party who need a seat on a flight, in their order, each with the seat that
 * they chose there, if they did.
 */
export function seatedOn(
  flightId: string,
  party: readonly PassengerRequest[],
): { type: 'adult' | 'child'; seatNumber: string | undefined }[] {
  return party.filter(isSeated).map(({ type, seatNumber, seats = [] }) => ({
    type,
    seatNumber: seatNumber ?? seats.find((seat) => seat.flightId === flightId)?.seatNumber,
  }));
}
