import { chooseSeats } from '../db/passengers/choose-seats';
import { correctName } from '../db/passengers/correct-name';
import type { Booking } from '../domain/booking';
import type { NameCorrectionRequest, SeatChoiceRequest } from '../temporal/contracts/amendment';
import type { ActivityDependencies } from './dependencies';
import { refusalsAreFinal } from './refusals';

/** The activities that amend a booking: short, on PostgreSQL only, and safe to repeat. */
export function amendmentActivities({ db }: ActivityDependencies) {
  return {
    /** Corrects the name of a passenger. */
    async correctName(
      bookingId: string,
      request: NameCorrectionRequest,
      at: string,
    ): Promise<Booking> {
      return refusalsAreFinal(() => correctName(db, bookingId, request, new Date(at)));
    },

    /** Moves passengers to other seats. */
    async chooseSeats(bookingId: string, request: SeatChoiceRequest, at: string): Promise<Booking> {
      return refusalsAreFinal(() => chooseSeats(db, bookingId, request, new Date(at)));
    },
  };
}
