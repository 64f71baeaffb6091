import type { BookingStatus } from '../../domain/booking';
import type { Actor } from '../../domain/booking-event';
import { passengerIdOf } from '../../domain/passenger-id';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { Db } from '../connection';
import type Bookings from '../rows/public/Bookings';
import type Passengers from '../rows/public/Passengers';

/** Who amends a booking. */
export interface Amender {
  requestedBy: string;
  asOperator: boolean;
}

/** A booking that is amended, locked until the transaction ends. */
export interface AmendedBooking {
  row: Bookings;
  /** In their order. */
  passengers: Passengers[];
}

/**
 * Locks a booking, so that nothing else changes it meanwhile, and reads its passengers.
 *
 * @throws Refusal `booking_not_found` when there is none, or it is someone else's.
 */
export async function lockBooking(
  trx: Db,
  bookingId: string,
  { requestedBy, asOperator }: Amender,
): Promise<AmendedBooking> {
  const row = await trx('bookings').where({ id: bookingId }).forUpdate().first();
  if (row === undefined || (!asOperator && row.customer_id !== requestedBy))
    throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  const passengers = await trx('passengers').where({ booking_id: bookingId }).orderBy('position');
  return { row, passengers };
}

/** Whether a booking has seats, so that something of it can be amended. */
export function hasSeats({ row }: AmendedBooking): boolean {
  const status = row.status as BookingStatus;
  return status === 'pending' || status === 'booked';
}

/** @throws Refusal `passenger_not_found`. */
export function requirePassenger(
  { row, passengers }: AmendedBooking,
  passengerId: string,
): Passengers {
  const id = passengerId.toLowerCase();
  const found = passengers.find(({ position }) => passengerIdOf(row.id, position) === id);
  if (found === undefined) throw new Refusal('passenger_not_found', REFUSAL_TEXTS.noSuchPassenger);
  return found;
}

export function actorOf({ requestedBy: id, asOperator }: Amender): Actor {
  return { kind: asOperator ? 'airline' : 'customer', id };
}
