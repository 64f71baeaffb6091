import { describeAgeFault, findAgeFaults } from '../../domain/age';
import { findItineraryFault } from '../../domain/itinerary';
import type { PassengerRequest } from '../../domain/passenger';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { areOnSale } from '../../domain/sales';
import { dayOfLastFlight, itineraryOf, type OfferedSlices } from '../flights/offer-view';

/**
 * Finds why flights, as they are now, can't be sold to these passengers. The API has looked before,
 * but the airline may have cancelled or moved one since. Returns what the customer is told; undefined
 * if the flights can be sold.
 */
export function findClosure(
  slices: OfferedSlices,
  passengers: readonly PassengerRequest[],
  at: Date,
): string | undefined {
  if (!areOnSale(slices.flat(), at)) return REFUSAL_TEXTS.flightClosed;
  if (findItineraryFault(itineraryOf(slices)) !== undefined)
    return REFUSAL_TEXTS.flightsNoLongerFit;
  const [unfit] = findAgeFaults(passengers, dayOfLastFlight(slices));
  return unfit && `${REFUSAL_TEXTS.flightMoved} ${describeAgeFault(unfit)}`;
}
