import type { Cabin } from '../cabin';
import {
  addPrices,
  changeTermsOf,
  combineConditions,
  type FareConditions,
  type Price,
} from '../fare';
import { isOnSale } from '../sales';
import type { Segment } from '../slice';
import { exchangeSlices, type SliceExchange } from './exchange';
import { quoteChange, type ChangeMoney } from './quote';

/** A flight of a booking, or one that is to become one, with what the whole party pays for it. */
export interface PricedSegment extends Segment {
  flightId: string;
  cabin: Cabin;
  /** The airline does not fly it. */
  isCancelled: boolean;
  price: Price;
  conditions: FareConditions;
}

/** A flight of the itinerary after a change. One that is not new keeps its seats and its price. */
export interface ChangedSegment extends PricedSegment {
  isNew: boolean;
}

/**
 * Returns the itinerary after some exchanges. A flight that the booking has already stays as it was
 * sold, even in a slice that is exchanged.
 *
 * @throws `Bug: …` for a flight that is neither there nor on offer.
 */
export function changeItinerary(
  present: readonly (readonly PricedSegment[])[],
  exchanges: readonly SliceExchange[],
  offers: readonly PricedSegment[],
): ChangedSegment[][] {
  const byId = (segments: readonly PricedSegment[]) =>
    new Map(segments.map((segment) => [segment.flightId, segment]));
  const [owned, offered] = [byId(present.flat()), byId(offers)];
  const ids = present.map((slice) => slice.map(({ flightId }) => flightId));
  return exchangeSlices(ids, exchanges).map((slice) =>
    slice.map((flightId) => {
      const kept = owned.get(flightId);
      if (kept !== undefined) return { ...kept, isNew: false };
      const wanted = offered.get(flightId);
      if (wanted === undefined) throw new Error(`Bug: flight ${flightId} is not on offer`);
      return { ...wanted, isNew: true };
    }),
  );
}

/**
 * Finds what forbids to sell an itinerary in place of the present one: a flight of it is cancelled,
 * or a new one is not on sale any more; or one that was flown is to be exchanged.
 */
export function findUnsellable(
  present: readonly PricedSegment[],
  changed: readonly ChangedSegment[],
  at: Date,
): 'flight_closed' | 'booking_not_changeable' | undefined {
  const isClosed = ({ isCancelled, isNew, departureAt }: ChangedSegment) =>
    isCancelled || (isNew && !isOnSale(departureAt, at));
  if (changed.some(isClosed)) return 'flight_closed';
  const stays = new Set(changed.map(({ flightId }) => flightId));
  const isFlown = ({ isCancelled, departureAt }: PricedSegment) =>
    !isCancelled && departureAt <= at;
  return present.some((segment) => isFlown(segment) && !stays.has(segment.flightId))
    ? 'booking_not_changeable'
    : undefined;
}

/** What a booking is once it is changed, and what the change costs. */
export interface ChangedSale {
  price: Price;
  conditions: FareConditions;
  money: ChangeMoney;
}

/**
 * Prices a change. The fee is that of the fare as it was bought: none where the change is free of
 * charge.
 */
export function priceChange(
  present: readonly PricedSegment[],
  changed: readonly PricedSegment[],
  { isFree }: { isFree: boolean },
): ChangedSale {
  const price = addPrices(changed.map((segment) => segment.price));
  const before = addPrices(present.map((segment) => segment.price));
  const { changeFee } = changeTermsOf(combineConditions(present.map((one) => one.conditions)));
  return {
    price,
    conditions: combineConditions(changed.map(({ conditions }) => conditions)),
    money: quoteChange({
      price: before,
      newTotal: price,
      changeFee: isFree ? { ...changeFee, amount: 0 } : changeFee,
    }),
  };
}
