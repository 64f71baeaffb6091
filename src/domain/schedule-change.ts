import type { FlightStatus } from './flight-status';

export const SCHEDULE_CHANGE_KINDS = ['cancelled', 'moved'] as const;

/** What the airline does to a flight. */
export type ScheduleChangeKind = (typeof SCHEDULE_CHANGE_KINDS)[number];

export const SCHEDULE_CHANGE_ACTIONS = ['accept', 'change', 'cancel'] as const;

/** What the owner of a booking can do about a schedule change. */
export type ScheduleChangeAction = (typeof SCHEDULE_CHANGE_ACTIONS)[number];

/**
 * What became of an offer. `superseded`: another schedule change of the booking came before anyone
 * had responded, and its offer took the place of this one.
 */
export const SCHEDULE_CHANGE_OUTCOMES = ['accepted', 'changed', 'cancelled', 'superseded'] as const;

export type ScheduleChangeOutcome = (typeof SCHEDULE_CHANGE_OUTCOMES)[number];

/** The times of a flight. */
export interface FlightTimes {
  departureAt: Date;
  arrivalAt: Date;
}

/** What the airline wants to do to a flight. */
export type ScheduleChangeRequest = { kind: 'cancelled' } | ({ kind: 'moved' } & FlightTimes);

/** A flight as it is before a schedule change. */
export interface ChangeableFlight extends FlightTimes {
  status: FlightStatus;
}

/** How far ahead a flight may be moved. A later one is another flight. */
const MAX_MOVE_MS = 7 * 24 * 60 * 60 * 1000;

/** No flight of this airline lasts longer. */
const MAX_FLIGHT_MS = 24 * 60 * 60 * 1000;

/** What is wrong with a schedule change. */
export type ScheduleChangeFault =
  /** It has departed. */
  | 'flight_departed'
  /** It is cancelled already. */
  | 'already_cancelled'
  /** It has these times already. */
  | 'same_times'
  /** It would have departed. */
  | 'departure_in_the_past'
  /** It would arrive before it departs, or fly for more than a day. */
  | 'arrival_out_of_range'
  /** It would fly more than {@link MAX_MOVE_MS} from when it flies now. */
  | 'moved_too_far';

/** Whether a flight is as a schedule change would make it. */
export function isAsRequested(flight: ChangeableFlight, request: ScheduleChangeRequest): boolean {
  const isCancelled = flight.status === 'cancelled';
  return request.kind === 'cancelled' ? isCancelled : !isCancelled && hasTimes(flight, request);
}

/** Finds what forbids a schedule change at this time; undefined if nothing does. */
export function findScheduleChangeFault(
  flight: ChangeableFlight,
  request: ScheduleChangeRequest,
  at: Date,
): ScheduleChangeFault | undefined {
  if (flight.departureAt <= at) return 'flight_departed';
  if (flight.status === 'cancelled') return 'already_cancelled';
  switch (request.kind) {
    case 'cancelled':
      return undefined;
    case 'moved':
      return findMoveFault(flight, request, at);
    default:
      throw new Error(`Bug: ${String(request satisfies never)} is no schedule change`);
  }
}

function findMoveFault(
  from: FlightTimes,
  to: FlightTimes,
  at: Date,
): ScheduleChangeFault | undefined {
  if (to.departureAt <= at) return 'departure_in_the_past';
  const flyingMs = to.arrivalAt.getTime() - to.departureAt.getTime();
  if (flyingMs <= 0 || flyingMs > MAX_FLIGHT_MS) return 'arrival_out_of_range';
  const movedMs = to.departureAt.getTime() - from.departureAt.getTime();
  if (Math.abs(movedMs) > MAX_MOVE_MS) return 'moved_too_far';
  return hasTimes(from, to) ? 'same_times' : undefined;
}

/** Whether a flight has these times. */
function hasTimes(flight: FlightTimes, times: FlightTimes): boolean {
  return (
    flight.departureAt.getTime() === times.departureAt.getTime() &&
    flight.arrivalAt.getTime() === times.arrivalAt.getTime()
  );
}
