import type { Booking } from '../../domain/booking';
import type { FareConditions } from '../../domain/fare';
import { describeWay, segmentsOf, slicesOf } from '../../domain/itinerary';
import { formatMoney } from '../../domain/money';
import { UPDATE_EXAMPLES } from '../contracts/update-examples';
import {
  buttons,
  operatorText,
  facts,
  formatInstant,
  messages,
  readOn,
  type OperatorText,
} from './operator-text';

/** Returns the text of a booking's workflow: the requested booking and its conditions. */
export function bookingText(booking: Booking, conditions: FareConditions): OperatorText {
  const { reference, cabin, passengers, price } = booking;
  const infants = passengers.filter(({ type }) => type === 'infant').length;
  const seats = counted(passengers.length - infants, `${cabin.replace('_', ' ')} seat`);
  const laps = infants === 0 ? '' : `, and ${counted(infants, 'infant')} on a lap`;
  return operatorText(
    `${reference} · ${nameWay(booking)}, ${seats}`,
    `**Booking ${reference}** of ${seats}. The seats are held first, and must be paid for by a deadline. Otherwise they are released. ` +
      '_Current Details_ show what has happened so far and why, one line for each event. Below are the flights as they were when this page began: once they are exchanged or moved, the first line of _Current Details_ names the present ones.',
    facts({
      ...factsOfFlights(booking),
      Seats: `${seats}${laps}`,
      Price: formatMoney(price),
      Conditions: conditions.refundable
        ? `refundable, less a fee of ${formatMoney(conditions.cancellationFee)}`
        : 'not refundable',
    }),
    messages(
      {
        name: 'cancelBooking',
        when: 'cancels the booking, and puts its seats back on sale. If it is paid for, all of the money is refunded. A `reason`, a `note` or both are required.',
        example: UPDATE_EXAMPLES.cancelBooking,
      },
      {
        name: 'retryPayment',
        when: 'while a card is being charged and the payment provider does not respond, asks it now instead of at the next automatic retry. Nothing is charged twice.',
        example: UPDATE_EXAMPLES.retryPayment,
      },
      {
        name: 'acceptScheduleChange',
        when: 'while the customer has to respond to a flight that was moved, accepts the new times for them. Cancelling meanwhile refunds as _Current Details_ say.',
        example: UPDATE_EXAMPLES.acceptScheduleChange,
      },
    ),
    `The booking's history keeps all of these fields. The booking's owner can read the \`reason\`, but neither the \`note\` nor your ID. \`npm run flights -- cancel ${reference} --reason "…" --as op-7\` does the same as \`cancelBooking\`, also when this workflow has ended.`,
    buttons({
      cancel:
        'cancels the booking without a name or a reason, and refunds what was paid: send `cancelBooking` instead. A payment that is being made is completed first.',
      terminate:
        'undoes nothing. Reconciliation releases held seats, ten minutes past the deadline, and starts the workflow of a booked booking again.',
      reset:
        'runs its activities again; each finds its earlier result. A booked booking stays booked, and is charged once.',
    }),
    readOn(`npm run flights -- show ${reference}`),
  );
}

/** Names one flight by its number and ends, and several by the airports of the whole way. */
function nameWay(booking: Booking): string {
  const [{ flightNumber, origin, destination } = booking.flight, ...others] = segmentsOf(booking);
  if (others.length > 0) return describeWay(slicesOf(booking));
  return `${flightNumber} ${origin.iata} → ${destination.iata}`;
}

/** The flights, each with its times; where there are several, a fact for each. */
function factsOfFlights(booking: Booking): Record<string, string> {
  const segments = segmentsOf(booking);
  if (segments.length > 1)
    return Object.fromEntries(
      segments.map(({ flightNumber, origin, destination, departureAt, arrivalAt }, index) => [
        `Flight ${index + 1}`,
        `${flightNumber}, ${origin.iata} → ${destination.iata}, ` +
          `${formatInstant(departureAt, origin)} → ${formatInstant(arrivalAt, destination)}`,
      ]),
    );
  const { flightNumber, origin, destination, departureAt, arrivalAt } = booking.flight;
  const route = `${origin.iata} → ${destination.iata} (${origin.name} → ${destination.name})`;
  return {
    Flight: `${flightNumber}, ${route}`,
    Departure: formatInstant(departureAt, origin),
    Arrival: formatInstant(arrivalAt, destination),
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
