import type { Booking } from '../../domain/booking';
import type { FareConditions } from '../../domain/fare';
import { describeWay, segmentsOf, slicesOf } from '../../domain/itinerary';
import { formatMoney } from '../../domain/money';
import type { SaleCancellation } from '../refund-contracts';
import { UPDATE_EXAMPLES } from '../update-examples';
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
      '_Current Details_ show what has happened so far and why, one line for each event.',
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
        when: 'cancels the booking while it is unpaid, and puts its seats back on sale. A `reason`, a `note` or both are required.',
        example: UPDATE_EXAMPLES.cancelBooking,
      },
      {
        name: 'retryPayment',
        when: 'while a card is being charged and the payment provider does not respond, asks it now instead of at the next automatic retry. Nothing is charged twice.',
        example: UPDATE_EXAMPLES.retryPayment,
      },
    ),
    `The booking's history keeps all of these fields. The booking's owner can read the \`reason\`, but neither the \`note\` nor your ID. When the booking is booked, this workflow has ended. \`npm run flights -- cancel ${reference} --reason "…" --as op-7\` cancels it then, and refunds it in full.`,
    buttons({
      cancel:
        'cancels the booking without a name or a reason: send `cancelBooking` instead. A payment that is being made is completed first, then refunded.',
      terminate:
        'undoes nothing: the seats stay held until reconciliation releases them, ten minutes past the deadline.',
      reset:
        'runs its activities again; each finds its earlier result. A booked booking stays booked, and is charged once.',
    }),
    readOn(`npm run flights -- show ${reference}`),
  );
}

/** Returns the text of the workflow that cancels a paid booking. */
export function cancellationText(booking: Booking, { asOperator }: SaleCancellation): OperatorText {
  const { reference, cabin, passengers, price, payment } = booking;
  return operatorText(
    `Cancels ${reference}, ${nameWay(booking)}`,
    `**Cancellation of booking ${reference}**, which was paid for, at the request of ${asOperator ? 'an operator, with a full refund' : 'its owner, with the refund of its fare conditions'}. ` +
      'Its seats go back on sale at once. A separate workflow refunds the money: see _Current Details_.',
    facts({
      ...factsOfFlights(booking),
      Seats: counted(
        passengers.filter(({ type }) => type !== 'infant').length,
        `${cabin.replace('_', ' ')} seat`,
      ),
      Price: formatMoney(price),
      ...(payment === null ? {} : { Payment: `\`${payment.id}\`, ${formatMoney(payment)}` }),
    }),
    '**What you may do**: nothing is needed, and it takes no updates from operators. Its input and the history of the booking show who requested it and why.',
    buttons({
      cancel: 'has no effect: the cancellation is completed.',
      terminate:
        'may leave the cancellation incomplete: request it again to continue it. Reconciliation starts the refund if needed.',
      reset:
        'runs its activities again; each finds its earlier result, and money is refunded once.',
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
