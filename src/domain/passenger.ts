export const PASSENGER_TYPES = ['adult', 'child', 'infant'] as const;

export type PassengerType = (typeof PASSENGER_TYPES)[number];

/**
 * A passenger, as the customer names them. `givenName` is missing for people with one name;
 * `seatNumber` is there when they chose a seat.
 */
export interface PassengerRequest {
  givenName?: string;
  familyName: string;
  type: PassengerType;
  seatNumber?: string;
}

/** Larger parties are sold by the group sales department, here as at most airlines. */
const MAX_SEATED_PASSENGERS = 9;

/** A rule that a party breaks, and the passenger it is about (none: the party as a whole). */
export interface PartyFault {
  passenger?: number;
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
 * - no seat twice.
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
  party.forEach(({ type, seatNumber }, passenger) => {
    if (seatNumber === undefined) return;
    if (type === 'infant') faults.push({ passenger, detail: 'An infant has no seat.' });
    if (chosen.has(seatNumber))
      faults.push({ passenger, detail: `Seat ${seatNumber} is asked for twice.` });
    chosen.add(seatNumber);
  });
  return faults;
}
