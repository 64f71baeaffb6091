import { combineConditions, type Price } from '../fare';
import type { ChangedSegment, PricedSegment } from './changed-itinerary';

/**
 * What the airline waives of the cost of a change, because it has disrupted the booking: the fee of
 * any change, and the difference of the fares on the same route within {@link REBOOKING_MS}.
 */
export interface ChangeWaiver {
  /** When each slice was to depart, as a person accepted it last. */
  departures: readonly Date[];
}

/** A slice may depart so much earlier or later than the one that it is for: 3 days. */
const REBOOKING_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * Sells the new flights of each slice on the same route, within 3 days, at the price and on the
 * conditions of the flights whose place they take. The others keep their fares.
 */
export function waiveDifference(
  present: readonly (readonly PricedSegment[])[],
  changed: readonly (readonly ChangedSegment[])[],
  { departures }: ChangeWaiver,
): ChangedSegment[][] {
  const stays = new Set(changed.flat().map(({ flightId }) => flightId));
  return changed.map((slice, index) => {
    const old = present[index] ?? [];
    const dropped = old.filter(({ flightId }) => !stays.has(flightId));
    const isWaived = isRebooking(old, slice, departures[index]) && dropped.length > 0;
    return isWaived ? sellInPlaceOf(dropped, slice) : [...slice];
  });
}

function isRebooking(
  old: readonly PricedSegment[],
  wanted: readonly PricedSegment[],
  departure: Date | undefined,
): boolean {
  const [before, after] = [old[0], wanted[0]];
  if (before === undefined || after === undefined || departure === undefined) return false;
  const isSameRoute =
    before.origin === after.origin && old.at(-1)?.destination === wanted.at(-1)?.destination;
  const movedMs = Math.abs(after.departureAt.getTime() - departure.getTime());
  return isSameRoute && movedMs <= REBOOKING_MS;
}

function sellInPlaceOf(
  dropped: readonly PricedSegment[],
  slice: readonly ChangedSegment[],
): ChangedSegment[] {
  const added = slice.filter(({ isNew }) => isNew);
  const shares = shareOut(
    dropped.map(({ price }) => price),
    added.map(({ price }) => price.amount),
  );
  const conditions = combineConditions(dropped.map((segment) => segment.conditions));
  const sold = new Map(added.map(({ flightId }, index) => [flightId, shares[index]]));
  return slice.map((segment) => {
    const price = sold.get(segment.flightId);
    return price === undefined ? segment : { ...segment, price, conditions };
  });
}

/** Shares what was paid out by weight, to the cent: the parts sum to it. */
function shareOut(paid: readonly Price[], weights: readonly number[]): Price[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sumOf = (part: keyof Price['breakdown']) =>
    paid.reduce((sum, { breakdown }) => sum + breakdown[part], 0);
  const [base, taxes, fees] = [sumOf('base'), sumOf('taxes'), sumOf('fees')];
  let before = 0;
  return weights.map((weight) => {
    const until = before + weight;
    const shareOf = (amount: number) =>
      Math.round((amount * until) / total) - Math.round((amount * before) / total);
    const breakdown = { base: shareOf(base), taxes: shareOf(taxes), fees: shareOf(fees) };
    before = until;
    const amount = breakdown.base + breakdown.taxes + breakdown.fees;
    return { amount, currency: paid[0]?.currency ?? '', breakdown };
  });
}
