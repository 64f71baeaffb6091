import { v5 as uuidv5 } from 'uuid';

/** Drawn at random once, and never to change: with it, the ID of every flight would. */
const FLIGHTS = '1df95b9e-e91f-4605-9ad8-2754629c3720';

/** What makes a flight one of its kind: a carrier uses a number once a day from an airport. */
interface FlightKey {
  carrierCode: string;
  number: number;
  origin: { iata: string };
}

/** `UA1545`: as it stands on a ticket. */
export function flightNumberOf({ carrierCode, number }: FlightKey): string {
  return `${carrierCode}${String(number)}`;
}

/**
 * The ID of a flight: the UUIDv5 of `UA/1545/EWR/2026-12-01`, so that every database that holds
 * this flight knows it by the same ID.
 */
export function flightIdOf(flight: FlightKey, date: string): string {
  const name = [flight.carrierCode, flight.number, flight.origin.iata, date].join('/');
  return uuidv5(name, FLIGHTS);
}
