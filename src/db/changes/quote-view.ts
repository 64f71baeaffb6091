import { findChangeObstacle, type ChangeQuote } from '../../domain/changes/change';
import {
  findChangedItineraryFault,
  findExchangeFault,
  type MisplacedExchange,
  type SliceExchange,
} from '../../domain/changes/exchange';
import { quoteExpiresAt } from '../../domain/changes/quote';
import type { Money } from '../../domain/money';
import { isSeated } from '../../domain/passenger';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { Db } from '../connection';
import { requireFittingAges } from './ages';
import { readPresentItinerary } from './present-itinerary';
import { priceExchanges } from './priced-change';

/** A change that someone asks the price of. */
export interface WantedChange {
  quoteId: string;
  bookingId: string;
  exchanges: SliceExchange[];
}

export type Quoted =
  | { outcome: 'quoted'; quote: ChangeQuote; price: Money }
  /** The exchange is none, or its flights don't fit: which, and why. */
  | { outcome: 'misplaced'; misplaced: MisplacedExchange };

/**
 * Prices a change as the fares are now. Writes nothing, and holds no seats.
 *
 * @throws Refusal `booking_not_found`, `booking_not_changeable` (also where somebody would be too old
 * by then for what they fly as), `change_in_progress`, `seats_unavailable`, and as `priceExchanges`
 * does.
 */
export async function priceQuote(
  db: Db,
  { quoteId, bookingId, exchanges }: WantedChange,
  at: Date,
): Promise<Quoted> {
  const booking = await readPresentItinerary(db, bookingId);
  if (booking === undefined) throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  const obstacle = findChangeObstacle(booking, at);
  if (obstacle === 'change_in_progress')
    throw new Refusal(obstacle, REFUSAL_TEXTS.changeInProgress);
  if (obstacle !== undefined) throw new Refusal(obstacle, REFUSAL_TEXTS.notChangeable);

  const ids = booking.slices.map((slice) => slice.map(({ flightId }) => flightId));
  const fault = findExchangeFault(ids, exchanges);
  if (fault !== undefined) return { outcome: 'misplaced', misplaced: fault };
  const { slices, sale } = await priceExchanges(db, booking, exchanges, at);
  const misplaced = findChangedItineraryFault(slices, exchanges);
  if (misplaced !== undefined) return { outcome: 'misplaced', misplaced };
  await requireFittingAges(db, booking, slices);
  const added = slices.flat().filter(({ isNew }) => isNew);
  const wanted = added.map(({ flightId }) => flightId);
  await requireFree(db, wanted, booking.cabin, booking.party.filter(isSeated).length);

  const { money, price } = sale;
  const expiresAt = quoteExpiresAt({
    quotedAt: at,
    newDepartures: added.map(({ departureAt }) => departureAt),
    departureAt: booking.isDisrupted ? null : booking.departureAt,
  }).toISOString();
  const quote = { id: quoteId, bookingId, expiresAt, slices: exchanges, ...money };
  const before = price.amount - money.difference.amount;
  return { outcome: 'quoted', quote, price: { amount: before, currency: price.currency } };
}

/** @throws Refusal `seats_unavailable` when a plain look shows too few seats on a flight. */
async function requireFree(
  db: Db,
  flightIds: readonly string[],
  cabin: string,
  seats: number,
): Promise<void> {
  const rows = await db('seats')
    .whereIn('flight_id', flightIds)
    .where({ cabin, state: 'free' })
    .groupBy('flight_id')
    .havingRaw('count(*) >= ?', [seats])
    .select('flight_id');
  if (rows.length < flightIds.length)
    throw new Refusal('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable);
}
