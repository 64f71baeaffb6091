import type { BookedPassenger, Booking } from './booking';
import { seatsOn, segmentsOf, slicesOf } from './itinerary';
import { passengerIdOf } from './passenger-id';

/**
 * Returns a booking without what follows from the rest of it: the slice of a single flight, IDs of
 * passengers, and what is empty. `completed` gives all of it back. This is how a booking travels
 * through Temporal, which keeps each copy, and writes the memo again at each step of its workflow.
 */
export function abridged(booking: Booking): Booking {
  const { slices, scheduleChange, metadata, passengers, ...rest } = booking;
  const [derived] = slicesOf(rest);
  const [only, ...others] = segmentsOf(booking);
  const isDerived = others.length === 0 && only?.status === derived?.segments[0]?.status;
  return {
    ...rest,
    ...(isDerived ? {} : { slices }),
    passengers: passengers.map((passenger) => abridgedPassenger(passenger, rest.flight.id)),
    ...(isEmpty(metadata) ? {} : { metadata }),
    ...(isEmpty(scheduleChange) ? {} : { scheduleChange }),
  };
}

function abridgedPassenger(
  { id: _, seats, title, bornOn, loyaltyNumber, ...rest }: BookedPassenger,
  flightId: string,
): BookedPassenger {
  const isDerived =
    JSON.stringify(seats) === JSON.stringify(seatsOn([flightId], [rest.seatNumber]));
  return {
    ...rest,
    ...(isDerived ? {} : { seats }),
    ...(isEmpty(title) ? {} : { title }),
    ...(isEmpty(bornOn) ? {} : { bornOn }),
    ...(isEmpty(loyaltyNumber) ? {} : { loyaltyNumber }),
  };
}

function isEmpty(value: object | string | null | undefined): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Returns a whole booking: with what `abridged` left out, or what one that an earlier release wrote
 * down lacks. Its fields come in the order of `pendingBooking`, so that both give equal JSON.
 */
export function completed(booking: Booking): Booking {
  const { id, reference, status, cancellationReason, flight, cabin, passengers, price } = booking;
  return {
    id,
    reference,
    status,
    cancellationReason,
    flight,
    cabin,
    slices: slicesOf(booking),
    passengers: passengers.map((passenger, position) => ({
      id: passenger.id ?? passengerIdOf(id, position),
      givenName: passenger.givenName,
      familyName: passenger.familyName,
      type: passenger.type,
      seatNumber: passenger.seatNumber,
      seats: passenger.seats ?? seatsOn([flight.id], [passenger.seatNumber]),
      title: passenger.title ?? null,
      bornOn: passenger.bornOn ?? null,
      loyaltyNumber: passenger.loyaltyNumber ?? null,
    })),
    price,
    metadata: booking.metadata ?? {},
    paymentRequiredBy: booking.paymentRequiredBy,
    createdAt: booking.createdAt,
    payment: booking.payment,
    refund: booking.refund,
    scheduleChange: booking.scheduleChange ?? null,
    availableActions: booking.availableActions,
    workflowId: booking.workflowId,
  };
}
