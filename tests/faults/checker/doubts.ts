import type { Operation } from '../history/read';
import { isRefused } from './bodies';
import { seatsOf } from './seats-in-the-end';
import type { Story } from './story';

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
  return story.byKey.flatMap((attempts) => {
    const flights = flightsOf(story, attempts);
    if (flights?.length === 0) return [];
    const from = Math.min(...attempts.map(({ sentAt }) => sentAt));
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
function flightsOf({ quotes, bookings }: Story, attempts: Operation[]): string[] | undefined {
  const [first] = attempts;
  if (first?.kind === 'change') {
    const { quoteId } = (first.request.body ?? {}) as { quoteId?: string };
    return quotes.get(quoteId ?? '')?.slices.flatMap(({ flightIds }) => flightIds);
  }
  if (first?.kind !== 'book' || isSettled(attempts)) return [];
  const known = [...bookings.values()].find(({ creation }) => creation.includes(first));
  const isSeen = known?.sights.some(({ booking }) => seatsOf(booking).length > 0) ?? false;
  if (isSeen) return [];
  const { flightId, slices = [] } = (first.request.body ?? {}) as {
    flightId?: string;
    slices?: { flightIds: string[] }[];
  };
  return [flightId ?? [], ...slices.map(({ flightIds }) => flightIds)].flat();
}

/** Nothing of it is under way any more. Attempts without a key are each on their own. */
function isSettled(attempts: Operation[]): boolean {
  return attempts.some(
    ({ response }) => [200, 201, 402].includes(response?.status ?? 0) || isRefused(response),
  );
}
