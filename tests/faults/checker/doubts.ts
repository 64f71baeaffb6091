import type { Operation } from '../history/read';
import { cameToNothing, doneAt, firstSentAt, type Attempts } from './requests';
import { seatsOf } from './seats-in-the-end';
import type { BookingStory, Story } from './story';

/**
 * A time in which some seats of some flights may have been held, and nobody was told which: by a
 * change that failed after it had held them, or whose outcome is unknown; by a booking that nobody
 * ever saw. That a seat was taken then needs no other explanation.
 */
export interface Doubt {
  /** Undefined: of any flight. */
  flights: string[] | undefined;
  from: number;
  to: number;
}

export function findDoubts(story: Story): Doubt[] {
  const creations = new Map(
    [...story.bookings.values()].flatMap((booking) =>
      booking.creation.map((operation) => [operation, booking] as const),
    ),
  );
  return story.byKey.flatMap((attempts) => {
    const flights = flightsOf(story, attempts, creations);
    if (flights?.length === 0) return [];
    const from = firstSentAt(attempts);
    const to = isSettled(attempts) ? Math.max(...attempts.map(({ endedAt }) => endedAt)) : Infinity;
    return [{ flights, from, to }];
  });
}

export function isDoubtful(
  doubts: Doubt[],
  flightId: string,
  { from, to }: { from: number; to: number },
): boolean {
  return doubts.some(
    (doubt) => doubt.from <= to && doubt.to >= from && (doubt.flights?.includes(flightId) ?? true),
  );
}

/** The flights whose seats a request may hold without a trace; none for most. */
function flightsOf(
  { quotes }: Story,
  attempts: Attempts,
  creations: Map<Operation, BookingStory>,
): string[] | undefined {
  const [first] = attempts;
  if (first?.kind === 'change') {
    const { quoteId } = (first.request.body ?? {}) as { quoteId?: string };
    return quotes.get(quoteId ?? '')?.slices.flatMap(({ flightIds }) => flightIds);
  }
  if (first?.kind !== 'book' || isSettled(attempts)) return [];
  const isSeen =
    creations.get(first)?.sights.some(({ booking }) => seatsOf(booking).length > 0) ?? false;
  if (isSeen) return [];
  const { flightId, slices = [] } = (first.request.body ?? {}) as {
    flightId?: string;
    slices?: { flightIds: string[] }[];
  };
  return [flightId ?? [], ...slices.map(({ flightIds }) => flightIds)].flat();
}

/** Nothing of it is under way any more. */
function isSettled(attempts: Attempts): boolean {
  return doneAt(attempts) < Infinity || cameToNothing(attempts);
}
