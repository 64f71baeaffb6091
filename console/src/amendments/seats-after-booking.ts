import type { Schemas } from '../../../clients/typescript/src/client';
import type { FlightWithSeats, SeatChosen, Seated } from '../seats/seated';
import { nameOf } from '../shared/words';

/** Flights of a booking on which seats can still be chosen. */
export function flightsToFly(booking: Schemas['Booking'], now: number): FlightWithSeats[] {
  const segments = (booking.slices ?? []).flatMap((slice) => slice.segments);
  return segments.filter(
    ({ status, departureAt }) => status === 'confirmed' && Date.parse(departureAt) > now,
  );
}

/** Passengers who have seats, with those they have. */
export function seatedOf({ passengers }: Pick<Schemas['Booking'], 'passengers'>): Seated[] {
  return passengers.flatMap(({ id, type, seats = [], ...name }) =>
    id === undefined || type === 'infant'
      ? []
      : [
          {
            id,
            name: nameOf(name),
            seats: Object.fromEntries(
              seats.map(({ flightId, seatNumber }) => [flightId, seatNumber]),
            ),
          },
        ],
  );
}

/** Where the party would sit after a choice: who has the seat already exchanges it. */
export function afterChoice(
  people: readonly Seated[],
  { flightId, seatNumber, personId, before }: SeatChosen,
): Seated[] {
  const own = people.find(({ id }) => id === personId)?.seats[flightId];
  return people.map((person) => {
    const { id, seats } = person;
    if (id === personId) return { ...person, seats: { ...seats, [flightId]: seatNumber } };
    if (id !== before?.id || own === undefined) return person;
    return { ...person, seats: { ...seats, [flightId]: own } };
  });
}

/** A passenger to another seat. */
export type Move = Schemas['ChooseSeats']['seats'][number];

/** Where people sit after moves. One whose flight is no longer theirs is left out. */
export function withMoves(people: readonly Seated[], moves: readonly Move[]): Seated[] {
  return people.map((person) => {
    const mine = moves.filter(
      ({ passengerId, flightId }) => passengerId === person.id && flightId in person.seats,
    );
    const seats = Object.fromEntries(
      mine.map(({ flightId, seatNumber }) => [flightId, seatNumber]),
    );
    return { ...person, seats: { ...person.seats, ...seats } };
  });
}

/** The moves from where people sit to where they want to, of those who move. */
export function movesBetween(now: readonly Seated[], wanted: readonly Seated[]): Move[] {
  return wanted.flatMap(({ id, seats }) => {
    const present = now.find((person) => person.id === id)?.seats ?? {};
    return Object.entries(seats)
      .filter(([flightId, seatNumber]) => present[flightId] !== seatNumber)
      .map(([flightId, seatNumber]) => ({ passengerId: id, flightId, seatNumber }));
  });
}
