import { completed } from '../../domain/abridged';
import type { Booking } from '../../domain/booking';
import { segmentsOf } from '../../domain/itinerary';
import type { PassengerType } from '../../domain/passenger';

/** A passenger, in words. */
export interface PassengerText {
  name: string;
  /** Null for adults. */
  type: 'child' | 'infant' | null;
  /** Their seats, with the flights if there are several; none for infants. */
  seats: string[];
}

/** Puts the passengers of a booking into words, in their order. */
export function passengersText(booking: Booking): PassengerText[] {
  const segments = segmentsOf(booking);
  return completed(booking).passengers.map(({ givenName, familyName, type, seats = [] }) => {
    const each = segments.flatMap(({ id, flightNumber }) => {
      const seat = seats.find(({ flightId }) => flightId === id);
      if (seat === undefined) return [];
      return [segments.length === 1 ? seat.seatNumber : `${flightNumber} ${seat.seatNumber}`];
    });
    return {
      name: givenName === null ? familyName : `${givenName} ${familyName}`,
      type: typeText(type),
      seats: each,
    };
  });
}

function typeText(type: PassengerType): PassengerText['type'] {
  switch (type) {
    case 'adult':
      return null;
    case 'child':
    case 'infant':
      return type;
    default:
      throw new Error(`Bug: ${String(type satisfies never)} is no type of passenger`);
  }
}
