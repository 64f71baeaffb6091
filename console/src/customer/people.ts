import type { Schemas } from '../shared/api';
import type { Trip } from './trip';

/** A passenger while a booking is filled in; `seats` by flight, where one was chosen. */
export interface WantedPerson {
  givenName: string;
  familyName: string;
  type: Schemas['PassengerType'];
  seats: Record<string, string>;
}

/** The empty forms of a trip's passengers. */
export function wantedPeople({ adults, children, infants }: Trip): WantedPerson[] {
  const types: [Schemas['PassengerType'], number][] = [
    ['adult', adults],
    ['child', children],
    ['infant', infants],
  ];
  return types.flatMap(([type, number]) =>
    Array.from({ length: number }, () => ({ givenName: '', familyName: '', type, seats: {} })),
  );
}

/** A passenger as the API takes one: what was left empty is left out. */
export function personRequest(
  { givenName, familyName, type, seats }: WantedPerson,
  flights: readonly { id: string }[],
): Schemas['PassengerRequest'] {
  const chosen = flights.flatMap(({ id }) => {
    const seatNumber = seats[id];
    return seatNumber === undefined ? [] : [{ flightId: id, seatNumber }];
  });
  return {
    ...(givenName.trim() === '' ? {} : { givenName: givenName.trim() }),
    familyName: familyName.trim(),
    type,
    ...(chosen.length === 0 ? {} : { seats: chosen }),
  };
}

/** How a passenger is named while the form may still be empty. */
export const calledSoFar = ({ givenName, familyName }: WantedPerson, index: number): string =>
  `${givenName} ${familyName}`.trim() || `Passenger ${index + 1}`;
