import type { Airport, BookedFlight } from '../../domain/booking';

/** Columns that describe a flight, with its airports as `AIRPORT_COLUMNS` selects them. */
export interface FlightColumns {
  flight_id: string;
  flight_number: string;
  origin: Airport;
  destination: Airport;
  departure_at: Date;
  arrival_at: Date;
}

/** Returns a flight as its bookings show it. */
export function toFlightSummary(row: FlightColumns): BookedFlight {
  return {
    id: row.flight_id,
    flightNumber: row.flight_number,
    origin: row.origin,
    destination: row.destination,
    departureAt: row.departure_at.toISOString(),
    arrivalAt: row.arrival_at.toISOString(),
  };
}
