import { readChosenSeats } from '../../db/seats/chosen-seats-view';
import type { Booking } from '../../domain/booking';
import { segmentsOf } from '../../domain/itinerary';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { chooseSeats as chooseSeatsUpdate } from '../../temporal/contracts/amendment';
import { invalidField, Problem } from '../problem';
import { amend, type Amending, type AmendmentOf } from './amend';
import type { ChooseSeatsRequest } from './schemas';

/**
 * Moves passengers to other seats, and returns the booking.
 *
 * @throws Problem `passenger_not_found`; `validation_failed` with the pointer of what does not fit
 * the booking; `booking_not_changeable`, `flight_closed`, `flight_departed`, `seats_unavailable`, and as `amend`
 * does.
 */
export async function chooseSeats(
  deps: Amending,
  choice: AmendmentOf<ChooseSeatsRequest>,
): Promise<Booking> {
  return amend(deps, chooseSeatsUpdate, choice, {
    requirePossible: () => requirePossible(deps, choice),
    closed: notChangeable,
  });
}

async function requirePossible(
  deps: Amending,
  choice: AmendmentOf<ChooseSeatsRequest>,
): Promise<void> {
  const { booking, content } = choice;
  if (booking.status !== 'pending' && booking.status !== 'booked') throw notChangeable();
  content.seats.forEach((seat, index) => {
    requireSeated(booking, seat, `/seats/${String(index)}`);
  });
  await requireAvailable(deps, choice);
}

type WantedSeat = ChooseSeatsRequest['seats'][number];

function requireSeated(booking: Booking, { passengerId, flightId }: WantedSeat, at: string): void {
  const passenger = booking.passengers.find(({ id }) => id === passengerId);
  if (passenger === undefined)
    throw new Problem('passenger_not_found', REFUSAL_TEXTS.noSuchPassenger);
  if (passenger.type === 'infant')
    throw invalidField(`${at}/passengerId`, 'An infant has no seat.');
  const segment = segmentsOf(booking).find(({ id }) => id === flightId);
  if (segment === undefined)
    throw invalidField(`${at}/flightId`, 'The flight is not one of the booking.');
  if (segment.status === 'cancelled')
    throw new Problem('flight_closed', REFUSAL_TEXTS.flightCancelled);
  if (Date.parse(segment.departureAt) <= Date.now())
    throw new Problem('flight_departed', REFUSAL_TEXTS.hasDeparted);
}

async function requireAvailable(
  { db }: Amending,
  { booking, content: { seats } }: AmendmentOf<ChooseSeatsRequest>,
): Promise<void> {
  const known = await readChosenSeats(db, seats);
  const segments = segmentsOf(booking);
  const found = seats.map(({ flightId, seatNumber }, index) => {
    const cabin = segments.find(({ id }) => id === flightId)?.cabin;
    const seat = known.find(
      (one) => one.flightId === flightId && one.seatNumber === seatNumber && one.cabin === cabin,
    );
    if (seat !== undefined) return seat;
    const pointer = `/seats/${String(index)}/seatNumber`;
    throw invalidField(pointer, `The cabin has no seat ${seatNumber}.`);
  });
  if (!found.every(({ isFree, bookingId }) => isFree || bookingId === booking.id))
    throw new Problem('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable);
}

function notChangeable(): Problem {
  return new Problem('booking_not_changeable', REFUSAL_TEXTS.hasNoSeats);
}
