import type { History, Operation } from '../history/read';
import { type Booking, Change, isRefused, problemOf, read, SeatMap } from './bodies';
import { findDoubts, isDoubtful, type Doubt } from './doubts';
import { cameToNothing, firstSentAt, type Attempts } from './requests';
import { disruptionsOf } from './schedule-changes';
import { seatsOf } from './seats-in-the-end';
import {
  atOf,
  bookingIn,
  CLOCK_TOLERANCE_MS,
  isHolding,
  NEVER_HELD,
  type BookingStory,
  type Story,
} from './story';

/**
 * One thing that was done to a seat, or seen of it, at some moment from `from` to `to`, in
 * milliseconds since the run began. What each kind means stands in `porcupine/main.go`, and for
 * people in docs/faults-model.md.
 */
export interface Step {
  kind:
    'claim' | 'release' | 'have' | 'leave' | 'exchange' | 'owned' | 'not-owned' | 'free' | 'taken';
  /** Empty for what is seen of the seat alone. */
  booking: string;
  from: number;
  to: number;
  operation: string;
}

/** By flight and seat number. */
export type SeatSteps = Map<string, Step[]>;

/** Translates the history into steps of each seat. */
export function stepsOfSeats(history: History, story: Story): SeatSteps {
  const steps: SeatSteps = new Map();
  const add = (seat: string, step: Step) => {
    const own = steps.get(seat) ?? [];
    // What was seen before it could have happened has no place: what saw it stays unexplained.
    own.push({ ...step, to: Math.max(step.from, step.to) });
    steps.set(seat, own);
  };
  for (const booking of story.bookings.values())
    for (const [seat, step] of stepsOfBooking(history, story, booking)) add(seat, step);
  const doubts = findDoubts(story);
  for (const [seat, step] of stepsOfRefusals(story, doubts)) add(seat, step);
  for (const [seat, step] of stepsOfMaps(history, doubts)) add(seat, step);
  return steps;
}

type SeatStep = [seat: string, step: Step];

function stepsOfBooking(history: History, story: Story, booking: BookingStory): SeatStep[] {
  const { sights, last } = booking;
  const isUnheld = !sights.some((sight) => isHolding(sight));
  if (isUnheld && NEVER_HELD.includes(last?.cancellationReason ?? '')) return [];
  const exchanges = exchangesOf(booking);
  const seats = new Set(sights.flatMap((sight) => seatsOf(sight.booking)));
  return [...seats].flatMap((seat) =>
    [
      ...claimOf(history, booking, seat, exchanges.length > 0),
      ...exchanges.map((attempts) => exchangeOf(history, booking, seat, attempts)),
      ...releaseOf(history, story, booking, exchanges.length > 0),
      ...readsOf(booking, seat),
    ].map((step): SeatStep => [seat, step]),
  );
}

/** Changes and choices of other seats that may have had an effect. */
function exchangesOf({ requests }: BookingStory): Attempts[] {
  return requests.filter(
    (attempts) =>
      ['change', 'choose_seats'].includes(attempts[0]?.kind ?? '') && !cameToNothing(attempts),
  );
}

/** The seats that the booking was created with, if anybody was told. */
function createdSeats({ creation }: BookingStory): string[] | undefined {
  const made = creation.find(({ response }) => response?.status === 201);
  const booking = made === undefined ? undefined : bookingIn(made);
  return booking === undefined ? undefined : seatsOf(booking);
}

function claimOf(
  { run }: History,
  booking: BookingStory,
  seat: string,
  isExchanged: boolean,
): Step[] {
  const { id, creation, sights } = booking;
  const from = Math.min(...creation.map(({ sentAt }) => sentAt), run.calmAt);
  const began = creation.length === 0 ? 0 : from;
  const created = createdSeats(booking);
  const seen = sights.filter((sight) => seatsOf(sight.booking).includes(seat) && isHolding(sight));
  const operation = creation[0]?.id ?? 'its creation';
  // Seats that came by an exchange were not claimed at the beginning.
  if (isExchanged && created?.includes(seat) !== true)
    return created === undefined
      ? [{ kind: 'exchange', booking: id, from: began, to: run.calmAt, operation }]
      : [];
  const to = Math.min(...seen.map((sight) => sight.to), run.calmAt);
  return [{ kind: 'claim', booking: id, from: began, to, operation }];
}

function exchangeOf(
  { run }: History,
  { id }: BookingStory,
  seat: string,
  attempts: Attempts,
): Step {
  const from = firstSentAt(attempts);
  const operation = attempts[0]?.id ?? '';
  const told = attempts.filter((attempt) => exchangedSeats(attempt) !== undefined);
  const [first] = told;
  const after = first === undefined ? undefined : exchangedSeats(first);
  if (after === undefined)
    return { kind: 'exchange', booking: id, from, to: run.calmAt, operation };
  const to = Math.min(...told.map(({ endedAt }) => endedAt));
  return { kind: after.includes(seat) ? 'have' : 'leave', booking: id, from, to, operation };
}

function exchangedSeats(operation: Operation): string[] | undefined {
  const { kind, response } = operation;
  if (kind === 'choose_seats' && response?.status === 200) {
    const booking = bookingIn(operation);
    return booking === undefined ? undefined : seatsOf(booking);
  }
  const change = response?.status === 201 ? read(Change, response.body) : undefined;
  return change?.status === 'completed' ? seatsOf(change.booking) : undefined;
}

function releaseOf(
  history: History,
  story: Story,
  booking: BookingStory,
  isExchanged: boolean,
): Step[] {
  const { id, last, sights } = booking;
  const { calmAt } = history.run;
  if (last === undefined)
    return [{ kind: 'exchange', booking: id, from: 0, to: calmAt, operation: 'unknown' }];
  if (last.status !== 'cancelled') return [];
  const from = mayEndFrom(history, story, booking, last);
  const ended = sights.filter((sight) => sight.booking.status === 'cancelled');
  const to = Math.min(...ended.map((sight) => sight.to), calmAt);
  const kind = isExchanged ? 'leave' : 'release';
  return [{ kind, booking: id, from, to, operation: `its end: ${last.cancellationReason ?? ''}` }];
}

/** Before this moment nothing had happened that could have cancelled the booking. */
function mayEndFrom(
  history: History,
  story: Story,
  { creation, operations }: BookingStory,
  last: Booking,
): number {
  const created = Math.min(...creation.map(({ sentAt }) => sentAt));
  const earliest = Number.isFinite(created) ? created : 0;
  const sentAt = (sent: Operation[]) => {
    const first = Math.min(...sent.map((operation) => operation.sentAt));
    return Number.isFinite(first) ? Math.max(first, earliest) : earliest;
  };
  switch (last.cancellationReason ?? '') {
    case 'customer_request':
    case 'operator_request':
      return sentAt(
        operations.filter(({ kind, response }) => kind === 'cancel' && !isRefused(response)),
      );
    case 'payment_expired':
      return last.paymentRequiredBy === null
        ? earliest
        : Math.max(earliest, atOf(history, last.paymentRequiredBy) - CLOCK_TOLERANCE_MS);
    case 'flight_cancelled':
      return sentAt(disruptionsOf(last, story, earliest).flat());
    default:
      return earliest;
  }
}

function readsOf({ id, sights }: BookingStory, seat: string): Step[] {
  return sights
    .filter(({ isRead, booking }) => isRead && booking.status !== 'initiated')
    .filter(({ booking }) => booking.status === 'cancelled' || seatsOf(booking).includes(seat))
    .map((sight) => ({
      kind: isHolding(sight) ? ('owned' as const) : ('not-owned' as const),
      booking: id,
      from: sight.from,
      to: sight.to,
      operation: sight.operation,
    }));
}

/** One passenger who asked for one seat of one flight, and was told that it is taken. */
function* stepsOfRefusals({ byKey }: Story, doubts: Doubt[]): Generator<SeatStep> {
  for (const attempts of byKey) {
    const from = firstSentAt(attempts);
    for (const { kind, request, response, endedAt, id } of attempts) {
      if (kind !== 'book' || problemOf(response)?.code !== 'seats_unavailable') continue;
      const seat = onlySeatOf(request.body);
      // An outcome that was stored says what was true when the key was sent first.
      const step = { from, to: endedAt, operation: id };
      if (seat === undefined || isDoubtful(doubts, seat.flightId, step)) continue;
      yield [`${seat.flightId} ${seat.seatNumber}`, { kind: 'taken', booking: '', ...step }];
    }
  }
}

function onlySeatOf(body: unknown): { flightId: string; seatNumber: string } | undefined {
  const { flightId, slices, passengers } = (body ?? {}) as {
    flightId?: string;
    slices?: { flightIds: string[] }[];
    passengers?: { seatNumber?: string; seats?: { seatNumber: string }[] }[];
  };
  const [only, ...more] = passengers ?? [];
  const flights = [flightId ?? [], ...(slices ?? []).map(({ flightIds }) => flightIds)].flat();
  const [flight, ...others] = flights;
  const seatNumber = only?.seatNumber ?? only?.seats?.[0]?.seatNumber;
  if (more.length > 0 || others.length > 0) return undefined;
  if (flight === undefined || seatNumber === undefined) return undefined;
  return { flightId: flight.toLowerCase(), seatNumber };
}

function* stepsOfMaps({ operations, final, run }: History, doubts: Doubt[]): Generator<SeatStep> {
  const reads = [
    ...operations
      .filter(({ kind }) => kind === 'seats')
      .map(({ id, response, sentAt, endedAt }) => ({ id, response, from: sentAt, to: endedAt })),
    ...final.seats.map(({ response, at }) => ({
      id: 'the final read',
      response,
      from: run.calmAt,
      to: Math.max(run.calmAt, at),
    })),
  ];
  for (const { id, response, from, to } of reads) {
    const map = response?.status === 200 ? read(SeatMap, response.body) : undefined;
    if (map === undefined) continue;
    const isDoubted = isDoubtful(doubts, map.flightId, { from, to });
    for (const { seatNumber, state } of map.seats) {
      if (state !== 'free' && isDoubted) continue;
      const kind = state === 'free' ? 'free' : 'taken';
      yield [`${map.flightId} ${seatNumber}`, { kind, booking: '', from, to, operation: id }];
    }
  }
}
