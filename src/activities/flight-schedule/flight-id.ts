import { v5 as uuidv5 } from 'uuid';

/** Random namespace that must never change: the ID of every flight derives from it. */
const FLIGHTS = '1df95b9e-e91f-4605-9ad8-2754629c3720';

/** What identifies a flight on a day: a carrier uses a number once a day from an airport. */
interface FlightKey {
  carrierCode: string;
  number: number;
  origin: { iata: string };
}

/** Returns the flight number as printed on a ticket: `UA1545`. */
export function flightNumberOf({ carrierCode, number }: FlightKey): string {
  return `${carrierCode}${String(number)}`;
}

/**
 * Returns the ID of a flight: the UUIDv5 of `UA/1545/EWR/2026-12-01`. So every database that has
 * this flight uses the same ID for it.
 */
export function flightIdOf(flight: FlightKey, date: string): string {
  const name = [flight.carrierCode, flight.number, flight.origin.iata, date].join('/');
  return uuidv5(name, FLIGHTS);
}
