import type { Booking } from '../../domain/booking';
import type { FareConditions } from '../../domain/fare';
import { formatMoney } from '../../domain/money';
import type { SaleCancellation } from '../refund-contracts';
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
export function bookingText(
  { reference, flight, cabin, passengers, price }: Booking,
  conditions: FareConditions,
): OperatorText {
  const { flightNumber, origin, destination } = flight;
  const infants = passengers.filter(({ type }) => type === 'infant').length;
  const seats = counted(passengers.length - infants, `${cabin.replace('_', ' ')} seat`);
  const laps = infants === 0 ? '' : `, and ${counted(infants, 'infant')} on a lap`;
  const route = `${origin.iata} → ${destination.iata}`;
  return operatorText(
    `${flightNumber} ${route}, ${seats}`,
    `**Booking ${reference}** of ${seats}. They are held first, and must be paid for by a deadline; else they go back on sale. ` +
      '_Current Details_ tell how it stands and why, a line for each thing that happened.',
    facts({
      Flight: `${flightNumber}, ${route} (${origin.name} → ${destination.name})`,
      Departure: formatInstant(flight.departureAt, origin),
      Arrival: formatInstant(flight.arrivalAt, destination),
      Seats: `${seats}${laps}`,
      Price: formatMoney(price),
      Conditions: conditions.refundable
        ? `refundable, less a fee of ${formatMoney(conditions.cancellationFee)}`
        : 'not refundable',
    }),
    messages(
      {
        name: 'cancelBooking',
        when: 'cancels it while it is unpaid, and puts its seats back on sale.',
        example: {
          requestedBy: 'op-7',
          asOperator: true,
          reason: 'aircraft change',
          note: 'agreed with crew control',
        },
      },
      {
        name: 'retryPayment',
        when: 'while a card is being charged and the payment provider stays silent, asks it now instead of when its turn comes. Nothing is charged twice.',
        example: { requestedBy: 'op-7', note: 'the provider is back' },
      },
    ),
    `The booking's history keeps all of it. Its owner reads the \`reason\`, and neither who it was nor the \`note\`. Once it is booked this workflow has ended: \`npm run flights -- cancel ${reference} --reason "…" --as op-7\` cancels it, and all of the money goes back.`,
    buttons({
      cancel:
        'cancels it as you, without saying who and why: send `cancelBooking` instead. A payment that is being made is finished first, then undone.',
      terminate:
        'undoes nothing: the seats stay held until reconciliation frees them, ten minutes past the deadline.',
      reset:
        'runs its activities again; each finds what it did before. A booked booking stays booked, and is charged once.',
    }),
    readOn(`npm run flights -- show ${reference}`),
  );
}

/** Returns the text of the workflow that cancels a paid booking. */
export function cancellationText(
  { reference, flight, cabin, passengers, price, payment }: Booking,
  { asOperator }: SaleCancellation,
): OperatorText {
  const { flightNumber, origin, destination } = flight;
  const route = `${origin.iata} → ${destination.iata}`;
  return operatorText(
    `Cancels ${reference}, ${flightNumber} ${route}`,
    `**Cancellation of booking ${reference}**, which was paid for, at the request of ${asOperator ? 'an operator: all of the money goes back' : "its owner: what the fare's conditions leave goes back"}. ` +
      'Its seats go back on sale at once; the money goes back by a workflow of its own, which _Current Details_ name.',
    facts({
      Flight: `${flightNumber}, ${route} (${origin.name} → ${destination.name})`,
      Departure: formatInstant(flight.departureAt, origin),
      Seats: counted(
        passengers.filter(({ type }) => type !== 'infant').length,
        `${cabin.replace('_', ' ')} seat`,
      ),
      Price: formatMoney(price),
      ...(payment === null ? {} : { Payment: `\`${payment.id}\`, ${formatMoney(payment)}` }),
    }),
    '**What you may do**: nothing is needed, and it takes no updates of yours. Who asked for it and why are in its input, and in the history of the booking.',
    buttons({
      cancel: 'does nothing: what is decided is carried out.',
      terminate:
        'may leave it half done: sent again, the cancellation takes up where it was; reconciliation sees to the refund.',
      reset: 'runs its activities again; each finds what it did before, and money goes back once.',
    }),
    readOn(`npm run flights -- show ${reference}`),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
