import { validate as isUuid } from 'uuid';
import {
  countFlights,
  listSold,
  type FlightChoice,
  type SoldBooking,
} from '../db/bookings/sold-view';
import type { Db } from '../db/connection';
import { formatToTheSecond } from '../domain/instant-text';
import { CommandFailure } from './failure';
import { formatTable } from './format';

/**
 * Returns what is sold on a flight at this moment, from the database.
 *
 * @throws CommandFailure when there is no such flight, or a number comes without its date.
 */
export async function findSold(
  db: Db,
  flight: string,
  date: string | undefined,
): Promise<SoldBooking[]> {
  const choice = chooseFlight(flight, date);
  if ((await countFlights(db, choice)) === 0)
    throw new CommandFailure(`There is no flight ${[flight, date].filter(Boolean).join(' on ')}.`);
  return listSold(db, choice);
}

/** @throws CommandFailure when a number comes without its date. */
export function chooseFlight(flight: string, date: string | undefined): FlightChoice {
  if (isUuid(flight)) return { flightId: flight.toLowerCase() };
  if (date === undefined)
    throw new CommandFailure('A flight number takes --date, the local date of its departure.');
  return { flightNumber: flight.toUpperCase(), date };
}

/** Formats a line for each booking, by seat. */
export function describeSold(sold: readonly SoldBooking[]): string {
  if (sold.length === 0) return 'Nothing is sold on it.';
  const seats = sold.reduce((sum, { seatNumbers }) => sum + seatNumbers.length, 0);
  const rows = sold.map((booking) => [
    booking.reference,
    booking.bookingId,
    `${booking.flightNumber} ${booking.origin} → ${booking.destination}`,
    formatToTheSecond(booking.departureAt),
    booking.cabin,
    booking.seatNumbers.join(' '),
  ]);
  return [
    formatTable(['BOOKING', 'ID', 'FLIGHT', 'DEPARTS (UTC)', 'CABIN', 'SEATS'], rows),
    '',
    `Bookings: ${String(sold.length)}, seats: ${String(seats)}`,
  ].join('\n');
}
