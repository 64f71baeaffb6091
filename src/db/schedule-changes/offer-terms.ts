import type { BookedSlice, Booking } from '../../domain/booking';
import { slicesOf, sliceOf } from '../../domain/itinerary';
import { isSignificant, respondBy } from '../../domain/schedule-change-offer';

/** The times of a flight, as PostgreSQL writes them in JSON. */
export interface AcceptedTimes {
  flightId: string;
  departureAt: string;
  arrivalAt: string;
}

/** What a schedule change offers to a booking that is paid for. */
export interface OfferTerms {
  before: BookedSlice[];
  after: BookedSlice[];
  isSignificant: boolean;
  respondBy: Date;
}

/** Returns what the present itinerary of a booking offers, against the times accepted before. */
export function offerTerms(
  booking: Booking,
  acceptedTimes: readonly AcceptedTimes[],
  now: Date,
): OfferTerms {
  const after = slicesOf(booking);
  const before = asAccepted(after, acceptedTimes);
  return {
    before,
    after,
    isSignificant: isSignificant(before, after),
    respondBy: respondBy(after, now),
  };
}

/**
 * Returns slices with the times that were accepted. All of their flights flew then.
 *
 * @throws `Bug: …` when those of a flight are not there.
 */
export function asAccepted(
  slices: readonly BookedSlice[],
  acceptedTimes: readonly AcceptedTimes[],
): BookedSlice[] {
  const times = new Map(acceptedTimes.map((accepted) => [accepted.flightId, accepted]));
  return slices.map(({ segments }) =>
    sliceOf(
      segments.map((segment) => {
        const accepted = times.get(segment.id);
        if (accepted === undefined)
          throw new Error(`Bug: nobody has accepted times of flight ${segment.id}`);
        const { departureAt, arrivalAt } = accepted;
        return {
          ...segment,
          departureAt: new Date(departureAt).toISOString(),
          arrivalAt: new Date(arrivalAt).toISOString(),
          status: 'confirmed',
        };
      }),
    ),
  );
}
