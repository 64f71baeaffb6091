import {
  changeItinerary,
  findUnsellable,
  priceChange,
  type ChangedSale,
  type ChangedSegment,
} from '../../domain/changes/changed-itinerary';
import { exchangeSlices, type SliceExchange } from '../../domain/changes/exchange';
import { waiveDifference } from '../../domain/changes/waiver';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { Db } from '../connection';
import { requireOffers } from '../flights/offer-view';
import { pricedOffer, type PresentItinerary } from './present-itinerary';

/** A change, as the fares are now. */
export interface PricedChange {
  /** The whole itinerary after it. */
  slices: ChangedSegment[][];
  sale: ChangedSale;
}

/**
 * Prices exchanges of a booking's slices as the fares are now. What the airline has disrupted is
 * changed without a fee, and on the same route at the price that was paid.
 *
 * @throws Refusal `flight_not_found` when a new flight is not there, or in another currency;
 * `flight_closed` when one is not on sale, or one that stays is cancelled; `booking_not_changeable`
 * when one that was flown is to be exchanged.
 */
export async function priceExchanges(
  db: Db,
  { slices: present, cabin, party, disruption }: PresentItinerary,
  exchanges: readonly SliceExchange[],
  at: Date,
): Promise<PricedChange> {
  const ids = present.map((slice) => slice.map(({ flightId }) => flightId));
  const owned = new Set(ids.flat());
  const wanted = exchangeSlices(ids, exchanges)
    .flat()
    .filter((id) => !owned.has(id));
  const offers = (await requireOffers(db, [wanted], cabin)).flat();
  const currency = present[0]?.[0]?.price.currency;
  if (offers.some(({ fare }) => fare.currency !== currency))
    throw new Refusal('flight_not_found', REFUSAL_TEXTS.noSuchFlight);

  const priced = offers.map((offer) => pricedOffer(offer, party));
  const changed = changeItinerary(present, exchanges, priced);
  const unsellable = findUnsellable(present.flat(), changed.flat(), at);
  if (unsellable === 'flight_closed') throw new Refusal(unsellable, REFUSAL_TEXTS.flightClosed);
  if (unsellable !== undefined) throw new Refusal(unsellable, REFUSAL_TEXTS.notChangeable);
  const slices = disruption === null ? changed : waiveDifference(present, changed, disruption);
  return {
    slices,
    sale: priceChange(present.flat(), slices.flat(), { isFree: disruption !== null }),
  };
}
