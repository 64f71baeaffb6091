import type { Schemas } from '../../../clients/typescript/src/client';

/** Someone with a seat on each flight; `seats` by flight, where they have or want one. */
export interface Seated {
  id: string;
  name: string;
  seats: Readonly<Record<string, string>>;
}

/** A flight of which seats are chosen. */
export interface FlightWithSeats {
  id: string;
  flightNumber: string;
  origin: { iata: string };
  destination: { iata: string };
  cabin: Schemas['Cabin'];
}

/** A choice, and who had the seat before, if someone of the party did. */
export interface SeatChosen {
  flightId: string;
  seatNumber: string;
  personId: string;
  before: Seated | undefined;
}
