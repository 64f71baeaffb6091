import type { BookedSegment, BookedSlice, BookingStatus } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { FlightStatus } from '../../domain/flight-status';
import { sliceOf } from '../../domain/itinerary';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from '../flights/airports';
import { toFlightSummary, type FlightColumns } from '../flights/flight-summary';

/**
 * Columns of a booking `b` of several flights: its segments, and where its passengers sit. Null of
 * a booking of one flight, for which nothing more is read.
 */
export const ITINERARY_COLUMNS = `
  CASE WHEN b.segment_count > 1 THEN (
    SELECT json_agg(segment ORDER BY segment.position) FROM (
      SELECT g.position, g.slice, g.cabin, f.id AS flight_id, f.flight_number, f.departure_at,
        f.arrival_at, f.status AS flight_status, ${AIRPORT_COLUMNS}
      FROM booking_segments g JOIN flights f ON f.id = g.flight_id ${AIRPORT_JOINS}
      WHERE g.booking_id = b.id
    ) segment
  ) END AS segments,
  CASE WHEN b.segment_count > 1 THEN (
    SELECT json_agg(json_build_object('passenger', p.position, 'flightId', p.flight_id,
      'seatNumber', p.seat_number) ORDER BY g.position)
    FROM passenger_seats p
    JOIN booking_segments g ON g.booking_id = p.booking_id AND g.flight_id = p.flight_id
    WHERE p.booking_id = b.id
  ) END AS passenger_seats`;

/** What {@link ITINERARY_COLUMNS} select; instants as PostgreSQL writes them in JSON. */
export interface ItineraryColumns {
  segments:
    | (Omit<FlightColumns, 'departure_at' | 'arrival_at'> & {
        slice: number;
        cabin: Cabin;
        departure_at: string;
        flight_status: FlightStatus;
        arrival_at: string;
      })[]
    | null;
  passenger_seats: { passenger: number; flightId: string; seatNumber: string }[] | null;
}

interface BookedFlights extends ItineraryColumns, FlightColumns {
  status: BookingStatus;
  cabin: Cabin;
  flight_status: FlightStatus;
}

/** Returns the slices of a booking. */
export function toSlices(row: BookedFlights): BookedSlice[] {
  const statusOn = (flight: FlightStatus) =>
    row.status === 'cancelled' || flight === 'cancelled' ? 'cancelled' : 'confirmed';
  if (row.segments === null) {
    const status = statusOn(row.flight_status);
    return [sliceOf([{ ...toFlightSummary(row), cabin: row.cabin, status }])];
  }
  const slices: BookedSegment[][] = [];
  for (const { slice, cabin, departure_at, arrival_at, flight_status, ...flight } of row.segments) {
    const status = statusOn(flight_status);
    const instants = { departure_at: new Date(departure_at), arrival_at: new Date(arrival_at) };
    const segment: BookedSegment = {
      ...toFlightSummary({ ...flight, ...instants }),
      cabin,
      status,
    };
    (slices[slice] ??= []).push(segment);
  }
  return slices.map(sliceOf);
}

/** Returns the seats of a passenger, in the order of the flights. */
export function toSeats(
  { flight_id: flightId, passenger_seats: seats }: BookedFlights,
  passenger: number,
  seatNumber: string | null,
): { flightId: string; seatNumber: string }[] {
  if (seats === null) return seatNumber === null ? [] : [{ flightId, seatNumber }];
  return seats
    .filter((seat) => seat.passenger === passenger)
    .map((seat) => ({ flightId: seat.flightId, seatNumber: seat.seatNumber }));
}
