import type { Booking } from '../../domain/booking';
import {
  correctedName,
  isCorrectableAt,
  isNearEnough,
  isSameName,
  type FullName,
} from '../../domain/name-correction';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { NameCorrectionRequest } from '../../temporal/contracts/amendment';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import type Passengers from '../rows/public/Passengers';
import { amendOnce } from './amend-once';
import {
  actorOf,
  hasSeats,
  lockBooking,
  requirePassenger,
  type AmendedBooking,
} from './amended-booking';

/**
 * Corrects the name of a passenger, and keeps the one that was booked first. The event says that a
 * name was corrected, not which.
 *
 * Safe to retry: a name that is so already changes nothing, and what a key has done is not done again.
 *
 * @throws Refusal `booking_not_found`, `passenger_not_found`, `idempotency_key_reused`;
 * `name_change_refused` when it is too late, or another person's name. Nothing changes then.
 */
export async function correctName(
  db: Db,
  bookingId: string,
  request: NameCorrectionRequest,
  at: Date,
): Promise<Booking> {
  return db.transaction(async (trx) => {
    const booking = await lockBooking(trx, bookingId, request);
    return amendOnce(trx, 'passengers', { bookingId, request }, () =>
      rename(trx, booking, request, at),
    );
  });
}

async function rename(
  trx: Db,
  booking: AmendedBooking,
  request: NameCorrectionRequest,
  at: Date,
): Promise<void> {
  const passenger = requirePassenger(booking, request.passengerId);
  const present = nameOf(passenger);
  const corrected = correctedName(present, request);
  if (isSameName(present, corrected)) return;
  const { id: bookingId, flight_id: flightId } = booking.row;
  const departureAt = await readDeparture(trx, flightId);
  if (!hasSeats(booking) || !isCorrectableAt(departureAt, at))
    throw new Refusal('name_change_refused', REFUSAL_TEXTS.tooLateForNames);
  const first = (passenger.booked_name as FullName | null) ?? present;
  if (!isNearEnough(first, corrected))
    throw new Refusal('name_change_refused', REFUSAL_TEXTS.anotherName);
  await trx('passengers')
    .where({ booking_id: bookingId, position: passenger.position })
    .update({
      given_name: corrected.givenName,
      family_name: corrected.familyName,
      booked_name: JSON.stringify(first),
    });
  await appendEvent(trx, { bookingId, type: 'name_corrected', actor: actorOf(request) });
}

function nameOf({ given_name: givenName, family_name: familyName }: Passengers): FullName {
  return { givenName, familyName };
}

async function readDeparture(trx: Db, flightId: string): Promise<Date> {
  const flight = await trx('flights').where({ id: flightId }).first('departure_at');
  if (flight === undefined) throw new Error(`Bug: flight ${flightId} is not in the database`);
  return flight.departure_at;
}
