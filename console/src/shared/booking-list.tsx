import type { JSX } from 'preact';
import type { Schemas } from './api';
import { StatusBadge } from './booking-summary';
import { day, money, nameOf } from './words';

/** Bookings, each with a link to its view below `path`. */
export const BookingList = ({
  label,
  bookings,
  path,
}: {
  label: string;
  bookings: Schemas['Booking'][];
  path: string;
}): JSX.Element => (
  <ul class="plain bookings" aria-label={label}>
    {bookings.map((booking) => (
      <li key={booking.id} class="card">
        <a href={`#/${path}/${booking.id}`}>{booking.reference}</a>
        <span>{waysOf(booking)}</span>
        <span class="people">{booking.passengers.map(nameOf).join(', ')}</span>
        <StatusBadge booking={booking} />
        <b>{money(booking.price)}</b>
      </li>
    ))}
  </ul>
);

/** `EWR to SFO, Mon 30 Nov, and back`, as far as it fits into a line. */
function waysOf({ flight, slices = [] }: Schemas['Booking']): string {
  const { origin, destination, departureAt } = slices[0] ?? flight;
  const way = `${origin.iata} to ${destination.iata}, ${day(departureAt, origin.timeZone)}`;
  const [, second] = slices;
  if (second === undefined) return way;
  const isBack = second.destination.iata === origin.iata && slices.length === 2;
  return `${way}, ${isBack ? 'and back' : 'and on'} ${day(second.departureAt, second.origin.timeZone)}`;
}
