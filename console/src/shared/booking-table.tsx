import type { JSX } from 'preact';
import { StatusBadge } from './booking-summary';
import type { Schemas } from './api';
import { day, money, nameOf } from './words';

/** Bookings in a table, each with a link to its view below `path`. */
export const BookingTable = ({
  caption,
  bookings,
  path,
}: {
  caption: string;
  bookings: Schemas['Booking'][];
  path: string;
}): JSX.Element => (
  <div class="scroller" tabIndex={0} role="region" aria-label={caption}>
    <table class="list">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Reference</th>
          <th scope="col">Status</th>
          <th scope="col">Flight</th>
          <th scope="col">Departure</th>
          <th scope="col">Passengers</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        {bookings.map((booking) => (
          <tr key={booking.id}>
            <th scope="row">
              <a href={`#/${path}/${booking.id}`}>{booking.reference}</a>
            </th>
            <td>
              <StatusBadge booking={booking} />
            </td>
            <td>
              {booking.flight.flightNumber}, {booking.flight.origin.iata}–
              {booking.slices?.at(0)?.destination.iata ?? booking.flight.destination.iata}
            </td>
            <td>{day(booking.flight.departureAt, booking.flight.origin.timeZone)}</td>
            <td>{booking.passengers.map(nameOf).join(', ')}</td>
            <td class="number">{money(booking.price)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
