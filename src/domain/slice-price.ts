import { combineConditions, type FareConditions } from './fare';
import type { Money } from './money';

/** What one adult pays for a seat of a flight, and on which conditions. */
export interface SegmentFare {
  price: Money;
  conditions: FareConditions;
}

/**
 * Prices a slice: the sum of its segments' prices. It is refundable only if every segment is. The
 * highest of the cancellation fees is due, once.
 *
 * @throws `Bug: …` for no segments, and for several currencies: a search finds neither.
 */
export function priceSlice(segments: readonly SegmentFare[]): SegmentFare {
  const [currency, ...others] = new Set(
    segments.flatMap(({ price, conditions }) => [
      price.currency,
      conditions.cancellationFee.currency,
    ]),
  );
  if (currency === undefined || others.length > 0)
    throw new Error(`Bug: a slice is priced in one currency, not in ${others.length + 1}`);
  return {
    price: { amount: segments.reduce((sum, { price }) => sum + price.amount, 0), currency },
    conditions: combineConditions(segments.map(({ conditions }) => conditions)),
  };
}
