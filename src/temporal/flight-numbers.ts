import type { SearchAttributePair } from '@temporalio/common';
import type { Booking } from '../domain/booking';
import { segmentsOf } from '../domain/itinerary';
import { FlightNumberAttribute, FlightNumbersAttribute } from './search-attributes';

/**
 * The search attributes by which operators find a workflow of a booking by its flights: by its
 * first, and by any of them.
 */
export function flightNumberAttributes(booking: Booking): SearchAttributePair[] {
  const numbers = segmentsOf(booking).map(({ flightNumber }) => flightNumber);
  return [
    { key: FlightNumberAttribute, value: booking.flight.flightNumber },
    { key: FlightNumbersAttribute, value: [...new Set(numbers)] },
  ];
}
