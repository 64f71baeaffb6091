import { readBookedName } from '../../db/passengers/booked-name-view';
import type { Booking } from '../../domain/booking';
import {
  correctedName,
  isCorrectableAt,
  isNearEnough,
  isSameName,
} from '../../domain/name-correction';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { correctName as correctNameUpdate } from '../../temporal/contracts/amendment';
import { Problem } from '../problem';
import { amend, type Amending, type AmendmentOf } from './amend';
import type { CorrectNameRequest } from './schemas';

/**
 * Corrects the name of a passenger, and returns the booking.
 *
 * @throws Problem `passenger_not_found`, `name_change_refused`, and as `amend` does.
 */
export async function correctName(
  deps: Amending,
  correction: AmendmentOf<CorrectNameRequest & { passengerId: string }>,
): Promise<Booking> {
  const { booking, content, key } = correction;
  const { passengerId } = content;
  const position = booking.passengers.findIndex(({ id }) => id === passengerId);
  const passenger = booking.passengers[position];
  if (passenger === undefined)
    throw new Problem('passenger_not_found', REFUSAL_TEXTS.noSuchPassenger);
  const corrected = correctedName(passenger, content);
  const isSo = isSameName(passenger, corrected);
  // A key is bound to it nevertheless: it must not bring this name back once there is another one.
  if (isSo && key === null) return booking;
  return amend(deps, correctNameUpdate, correction, {
    requirePossible: async () => {
      if (isSo) return;
      const hasSeats = booking.status === 'pending' || booking.status === 'booked';
      if (!hasSeats || !isCorrectableAt(new Date(booking.flight.departureAt), new Date()))
        throw tooLate();
      const first = await readBookedName(deps.db, booking.id, position);
      if (first !== undefined && !isNearEnough(first, corrected))
        throw new Problem('name_change_refused', REFUSAL_TEXTS.anotherName);
    },
    closed: tooLate,
  });
}

function tooLate(): Problem {
  return new Problem('name_change_refused', REFUSAL_TEXTS.tooLateForNames);
}
