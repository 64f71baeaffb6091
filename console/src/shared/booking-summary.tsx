import type { JSX } from 'preact';
import type { Schemas } from './api';
import { Badge, Card } from './view';
import { clockTime, day, money, nameOf, words } from './words';

type Booking = Schemas['Booking'];

const TONES = {
  initiated: 'open',
  pending: 'open',
  booked: 'good',
  cancelled: 'bad',
} as const satisfies Record<Booking['status'], string>;

export const StatusBadge = ({
  booking: { status, cancellationReason },
}: {
  booking: Pick<Booking, 'status' | 'cancellationReason'>;
}): JSX.Element => (
  <Badge tone={TONES[status]}>
    {status}
    {cancellationReason === null ? '' : `: ${words(cancellationReason)}`}
  </Badge>
);

/** What was bought: flights, passengers with their seats, price, and what came back. */
export function BookingSummary({ booking }: { booking: Booking }): JSX.Element {
  const { price, payment, refund, passengers, cabin } = booking;
  const { base, taxes, fees } = price.breakdown;
  const inCurrency = (amount: number) => money({ amount, currency: price.currency });
  const flights = new Map(
    booking.slices?.flatMap(({ segments }) => segments).map((flight) => [flight.id, flight]),
  );
  return (
    <Card title="Trip">
      <Slices slices={booking.slices ?? []} />
      <h3>Passengers, {words(cabin)}</h3>
      <ul class="plain">
        {passengers.map((passenger) => (
          <li key={passenger.id ?? nameOf(passenger)}>
            <b>{nameOf(passenger)}</b>
            {passenger.type === 'adult' ? '' : ` (${passenger.type})`}
            {passenger.seats !== undefined && passenger.seats.length > 0 && (
              <span>
                {' · '}
                {passenger.seats
                  .map(({ flightId, seatNumber }) =>
                    `${flights.get(flightId)?.flightNumber ?? ''} seat ${seatNumber}`.trim(),
                  )
                  .join(', ')}
              </span>
            )}
          </li>
        ))}
      </ul>
      <dl class="facts">
        <dt>Price</dt>
        <dd>
          <b>{inCurrency(price.amount)}</b>{' '}
          <small>
            fare {inCurrency(base)}, taxes {inCurrency(taxes)}, fees {inCurrency(fees)}
          </small>
        </dd>
        {payment !== null && (
          <>
            <dt>Payment</dt>
            <dd>
              {money(payment)}, {words(payment.status)}
            </dd>
          </>
        )}
        {refund !== null && (
          <>
            <dt>Refund</dt>
            <dd>
              {money(refund)},{' '}
              {refund.status === 'needs_operator' ? 'being looked at' : refund.status}
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
}

/** Ways with their flights, in local times. */
export const Slices = ({ slices }: { slices: Schemas['BookedSlice'][] }): JSX.Element => (
  <ol class="plain slices">
    {slices.map(({ segments, origin, destination, departureAt }, index) => (
      <li key={index}>
        <b>
          {origin.iata} to {destination.iata}, {day(departureAt, origin.timeZone)}
        </b>
        <ul class="plain">
          {segments.map((flight) => (
            <li key={flight.id} class={flight.status === 'cancelled' ? 'struck' : ''}>
              {flight.flightNumber} · {clockTime(flight.departureAt, flight.origin.timeZone)}{' '}
              {flight.origin.name} – {clockTime(flight.arrivalAt, flight.destination.timeZone)}{' '}
              {flight.destination.name}
            </li>
          ))}
        </ul>
      </li>
    ))}
  </ol>
);
