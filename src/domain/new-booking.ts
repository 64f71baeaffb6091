import { availableActions, type BookedFlight, type Booking } from './booking';
import type { Cabin } from './cabin';
import { addPrices, quoteFare, type Fare } from './fare';
import { confirmedSlice, seatsOn } from './itinerary';
import { isSeated, type PassengerRequest } from './passenger';

/** The cabin of a flight that is sold, and what an adult pays there. */
export interface SoldSegment {
  flight: BookedFlight;
  cabin: Cabin;
  fare: Fare;
}

/** What a booking is made of before its seats are claimed. */
export interface NewBooking {
  id: string;
  reference: string;
  workflowId: string;
  /** The flights of each slice. */
  slices: readonly (readonly SoldSegment[])[];
  passengers: readonly PassengerRequest[];
  createdAt: Date;
}

/** Returns a booking that was accepted, and has no seats yet. */
export function initiatedBooking({
  id,
  reference,
  workflowId,
  slices,
  passengers,
  createdAt,
}: NewBooking): Booking {
  const { flight, cabin } = firstOf(slices);
  return {
    id,
    reference,
    status: 'initiated',
    cancellationReason: null,
    flight,
    cabin,
    slices: slices.map(confirmedSlice),
    passengers: withoutSeats(passengers),
    price: addPrices(slices.flat().map(({ fare }) => quoteFare(fare, passengers))),
    paymentRequiredBy: null,
    createdAt: createdAt.toISOString(),
    payment: null,
    refund: null,
    scheduleChange: null,
    availableActions: [],
    workflowId,
  };
}

/** Returns the first flight of some slices. */
export function firstOf<S>(slices: readonly (readonly S[])[]): S {
  const first = slices[0]?.[0];
  if (first === undefined) throw new Error('Bug: a booking has no flight');
  return first;
}

/** Returns passengers as their booking shows them before they have seats. */
export function withoutSeats(passengers: readonly PassengerRequest[]): Booking['passengers'] {
  return passengers.map(({ givenName = null, familyName, type }) => ({
    givenName,
    familyName,
    type,
    seatNumber: null,
    seats: [],
  }));
}

/** The seats that a booking holds, and until when. */
export interface Hold {
  /**
   * For each flight, in their order, the seat numbers of the passengers who have a seat of their
   * own, in theirs.
   */
  seatNumbers: readonly (readonly string[])[];
  paymentRequiredBy: Date;
}

/** Returns the booking once its seats are held, as its owner reads it at `now`. */
export function pendingBooking(
  booking: NewBooking,
  { seatNumbers, paymentRequiredBy }: Hold,
  now: Date,
): Booking {
  const initiated = initiatedBooking(booking);
  const departureAt = new Date(initiated.flight.departureAt);
  const standing = {
    isBeingPaid: false,
    declines: 0,
    paymentRequiredBy,
    departureAt,
    isDisrupted: false,
  };
  const flightIds = booking.slices.flat().map(({ flight }) => flight.id);
  return {
    ...initiated,
    status: 'pending',
    passengers: seatPassengers(initiated.passengers, flightIds, seatNumbers),
    paymentRequiredBy: paymentRequiredBy.toISOString(),
    availableActions: availableActions({ status: 'pending', ...standing }, now),
  };
}

/** Gives the passengers who need seats of their own the given ones, in their order. */
function seatPassengers(
  passengers: Booking['passengers'],
  flightIds: readonly string[],
  seatNumbers: Hold['seatNumbers'],
): Booking['passengers'] {
  let seated = 0;
  return passengers.map((passenger) => {
    if (!isSeated(passenger)) return passenger;
    const index = seated;
    seated += 1;
    const own = seatNumbers.map((numbers) => numbers[index]);
    return { ...passenger, seatNumber: own[0] ?? null, seats: seatsOn(flightIds, own) };
  });
}
