import type { BookedSegment, BookedSlice } from './booking';
import { findItineraryFault } from './itinerary';
import type { Money } from './money';
import type { ScheduleChangeAction } from './schedule-change';

const HOUR_MS = 60 * 60 * 1000;

/**
 * From here on a departure that is earlier, or an arrival that is later, is significant for flights
 * within the United States (14 CFR 260.2). Abroad it would be six hours: three are within the rule.
 */
const SIGNIFICANT_MS = 3 * HOUR_MS;

/** How long the owner of a booking has to respond. */
const RESPONSE_MS = 72 * HOUR_MS;

/** The automatic outcome comes at least this long before departure, while there is an agent. */
const BEFORE_DEPARTURE_MS = 3 * HOUR_MS;

/** Nobody has less time to respond than this, unless the flight leaves sooner. */
const LEAST_RESPONSE_MS = HOUR_MS;

/**
 * Whether a schedule change entitles to a full refund, measured against the itinerary that a person
 * accepted last: a flight is cancelled; a slice departs three hours earlier or more, or arrives
 * three hours later or more; or a connection, or the order of the slices, is no longer legal.
 *
 * The rules are those of 14 CFR 260.2 (what is significant) and 260.6 (what is then refunded).
 *
 * @throws `Bug: …` when the two are not of the same slices.
 */
export function isSignificant(
  accepted: readonly BookedSlice[],
  now: readonly BookedSlice[],
): boolean {
  if (accepted.length !== now.length)
    throw new Error('Bug: a schedule change adds and removes no slice');
  if (hasCancelledFlight(now)) return true;
  if (now.some((slice, index) => isMovedFar(accepted[index], slice))) return true;
  return findItineraryFault(now.map(({ segments }) => segments.map(toSegment))) !== undefined;
}

function isMovedFar(accepted: BookedSlice | undefined, now: BookedSlice): boolean {
  if (accepted === undefined) throw new Error('Bug: there is no such slice');
  const earlierMs = Date.parse(accepted.departureAt) - Date.parse(now.departureAt);
  const laterMs = Date.parse(now.arrivalAt) - Date.parse(accepted.arrivalAt);
  return earlierMs >= SIGNIFICANT_MS || laterMs >= SIGNIFICANT_MS;
}

function toSegment({ origin, destination, departureAt, arrivalAt }: BookedSegment) {
  return {
    origin: origin.iata,
    destination: destination.iata,
    departureAt: new Date(departureAt),
    arrivalAt: new Date(arrivalAt),
  };
}

/** Whether a flight of the itinerary does not fly. Nobody can accept that. */
export function hasCancelledFlight(slices: readonly BookedSlice[]): boolean {
  return slices.some(({ segments }) => segments.some(({ status }) => status === 'cancelled'));
}

/**
 * Returns until when the owner of a booking may respond: 72 hours from now, or 3 hours before the
 * next departure if that is sooner. It is at least an hour away, unless the flight leaves sooner.
 */
export function respondBy(slices: readonly BookedSlice[], now: Date): Date {
  const departures = slices
    .flatMap(({ segments }) => segments.map(({ departureAt }) => Date.parse(departureAt)))
    .filter((departureMs) => departureMs > now.getTime());
  const nextMs = Math.min(...departures);
  const byMs = Math.min(now.getTime() + RESPONSE_MS, nextMs - BEFORE_DEPARTURE_MS);
  const atLeastMs = Math.min(now.getTime() + LEAST_RESPONSE_MS, nextMs);
  const isUnderWay = Number.isFinite(nextMs);
  return isUnderWay ? new Date(Math.max(byMs, atLeastMs)) : now;
}

/**
 * Bookings of one flight often have to respond by the same instant. What follows by itself comes one
 * booking after another, with this gap: a full flight takes six minutes, and customers who book
 * meanwhile do not notice.
 */
const OUTCOME_GAP_MS = 2_000;

/**
 * Returns when the automatic outcome of an offer is due. `place` is the booking's among those of
 * the same schedule change, from 0 on.
 */
export function closesAt(respondUntil: Date, place: number): Date {
  return new Date(respondUntil.getTime() + place * OUTCOME_GAP_MS);
}

/** What happens at `respondBy` when nobody has responded. */
export function automaticAction(isOfferSignificant: boolean): 'accept' | 'cancel' {
  return isOfferSignificant ? 'cancel' : 'accept';
}

/**
 * Returns what the owner can do about an offer that stands. A cancelled flight can't be accepted. A
 * booking that is disrupted can be changed, whatever its fare says.
 */
export function offeredActions(
  {
    after,
    respondBy: until,
    isSignificant: isDisrupted,
  }: { after: readonly BookedSlice[]; respondBy: Date; isSignificant: boolean },
  now: Date,
): ScheduleChangeAction[] {
  if (now >= until) return [];
  if (hasCancelledFlight(after)) return ['change', 'cancel'];
  return isDisrupted ? ['accept', 'change', 'cancel'] : ['accept', 'cancel'];
}

/** A flight of a booking that is paid for. */
export interface PaidSegment {
  /** For the whole party, in the minor unit of the booking's currency. */
  amount: number;
  departureAt: Date;
  /** Nobody could use it: it was cancelled, or left before its owner was told how early. */
  isUnusable: boolean;
}

/**
 * Returns what goes back when a significant schedule change ends a booking: all of it before the
 * first departure, and after that the price of the flights that were not used.
 *
 * A flight that nobody could use counts as not used, whenever it was to depart. So does one that
 * departs at that very moment: the time to respond may last until then.
 */
export function refundOfUnused(captured: Money, segments: readonly PaidSegment[], at: Date): Money {
  const used = segments.filter(({ departureAt, isUnusable }) => !isUnusable && departureAt < at);
  const usedAmount = used.reduce((sum, { amount }) => sum + amount, 0);
  return { ...captured, amount: Math.max(0, captured.amount - usedAmount) };
}
