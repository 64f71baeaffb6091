import type { Booking } from './bodies';
import { firstSentAt, cameToNothing, type Attempts } from './requests';
import { soldBy } from './sale';
import type { BookingStory, Story } from './story';

type Segment = Booking['slices'][number]['segments'][number];

const segmentsOf = ({ slices }: Booking) => slices.flatMap(({ segments }) => segments);

function isAccepted(attempts: Attempts): boolean {
  return attempts.some(({ response }) => response?.status === 202);
}

/**
 * The changes of a booking's flights that may have ended it before it was paid for: those that were
 * not over when it was asked for.
 */
export function disruptionsOf(
  booking: Booking,
  { scheduleChanges }: Story,
  askedAt: number,
): Attempts[] {
  return segmentsOf(booking)
    .flatMap(({ id }) => scheduleChanges.get(id) ?? [])
    .filter((attempts) => {
      const accepted = attempts.filter(({ response }) => response?.status === 202);
      const wasDoneBy = Math.min(...accepted.map(({ endedAt }) => endedAt));
      return wasDoneBy >= askedAt;
    });
}

/**
 * What the airline was told is done (202) has an effect: a sold booking shows its flights as they
 * were moved last, or as cancelled, and one that was sold before has an offer to respond to.
 */
export function findLostScheduleChanges(booking: BookingStory, story: Story) {
  const { last } = booking;
  if (last?.status !== 'booked') return [];
  return [...findOtherTimes(booking, last, story), ...findUntold(booking, last, story)];
}

interface Wanted {
  kind?: string;
  departureAt?: string;
  arrivalAt?: string;
}

function wantedOf([first]: Attempts): Wanted {
  return first?.request.body ?? {};
}

function findOtherTimes({ id }: BookingStory, last: Booking, { scheduleChanges }: Story) {
  return segmentsOf(last).flatMap((segment) => {
    const asked = scheduleChanges.get(segment.id) ?? [];
    const latest = asked.filter(isAccepted).at(-1);
    if (latest === undefined) return [];
    // One whose outcome is unknown may have come after it.
    const open = asked.filter((one) => !isAccepted(one));
    if ([latest, ...open].some((one) => isAsWanted(segment, wantedOf(one)))) return [];
    return [
      {
        what: `Booking ${id} shows flight ${segment.id} otherwise than it was ${wantedOf(latest).kind ?? ''} last`,
        operations: latest.map((operation) => operation.id),
      },
    ];
  });
}

function isAsWanted({ status, departureAt, arrivalAt }: Segment, wanted: Wanted): boolean {
  if (wanted.kind === 'cancelled') return status === 'cancelled';
  return (
    Date.parse(departureAt) === Date.parse(wanted.departureAt ?? '') &&
    Date.parse(arrivalAt) === Date.parse(wanted.arrivalAt ?? '')
  );
}

/** Who went to other flights since has nothing left to respond to. */
function findUntold(booking: BookingStory, last: Booking, story: Story) {
  const { id, requests } = booking;
  const isExchanged = requests.some(
    (attempts) => attempts[0]?.kind === 'change' && !cameToNothing(attempts),
  );
  if (isExchanged || last.scheduleChange) return [];
  const boughtBy = soldBy(booking);
  const missed = segmentsOf(last)
    .flatMap((segment) => story.scheduleChanges.get(segment.id) ?? [])
    .find((attempts) => isAccepted(attempts) && firstSentAt(attempts) > boughtBy);
  return missed === undefined
    ? []
    : [
        {
          what: `Booking ${id} was not told that a flight of it was ${wantedOf(missed).kind ?? ''}`,
          operations: missed.map((operation) => operation.id),
        },
      ];
}
