import { availableActions, type Booking } from './booking';
import type { Cabin } from './cabin';
import { quoteFare, type Fare } from './fare';
import { isSeated, type PassengerRequest } from './passenger';

/** What a booking is made of before its seats are claimed. */
export interface NewBooking {
  id: string;
  reference: string;
  workflowId: string;
  /** The cabin of the flight that is sold, and what an adult pays there. */
  offer: { flight: Booking['flight']; cabin: Cabin; fare: Fare };
  passengers: readonly PassengerRequest[];
  createdAt: Date;
}

/** Returns a booking that was accepted, and has no seats yet. */
export function initiatedBooking({
  id,
  reference,
  workflowId,
  offer: { flight, cabin, fare },
  passengers,
  createdAt,
}: NewBooking): Booking {
  return {
    id,
    reference,
    status: 'initiated',
    cancellationReason: null,
    flight,
    cabin,
    passengers: withoutSeats(passengers),
    price: quoteFare(fare, passengers),
    paymentRequiredBy: null,
    createdAt: createdAt.toISOString(),
    payment: null,
    refund: null,
    availableActions: [],
    workflowId,
  };
}

/** Returns passengers as their booking shows them before they have seats. */
export function withoutSeats(passengers: readonly PassengerRequest[]): Booking['passengers'] {
  return passengers.map(({ givenName = null, familyName, type }) => ({
    givenName,
    familyName,
    type,
    seatNumber: null,
  }));
}

/** The seats that a booking holds, and until when. */
export interface Hold {
  /** Seat numbers of the passengers who have a seat of their own, in their order. */
  seatNumbers: readonly string[];
  paymentRequiredBy: Date;
}

/** Returns the booking once its seats are held, as its owner reads it at `now`. */
export function pendingBooking(
  booking: NewBooking,
  { seatNumbers, paymentRequiredBy }: Hold,
  now: Date,
): Booking {
  const initiated = initiatedBooking(booking);
  const departureAt = new Date(booking.offer.flight.departureAt);
  const standing = { isBeingPaid: false, declines: 0, paymentRequiredBy, departureAt };
  return {
    ...initiated,
    status: 'pending',
    passengers: seatPassengers(initiated.passengers, seatNumbers),
    paymentRequiredBy: paymentRequiredBy.toISOString(),
    availableActions: availableActions({ status: 'pending', ...standing }, now),
  };
}

/** Gives the passengers who need a seat of their own the given ones, in their order. */
function seatPassengers(
  passengers: Booking['passengers'],
  seatNumbers: readonly string[],
): Booking['passengers'] {
  const seats = seatNumbers.values();
  return passengers.map((passenger) => ({
    ...passenger,
    seatNumber: isSeated(passenger) ? (seats.next().value ?? null) : null,
  }));
}
