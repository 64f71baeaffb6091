import type { Booking } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { Fare, FareConditions } from '../../domain/fare';
import { Refusal } from '../../domain/refusal';
import type { Db } from '../connection';
import { run, statement } from '../statement';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from './airports';
import { toFlightSummary, type FlightColumns } from './flight-summary';

/** What is sold in one cabin of a flight, and on which conditions. */
export interface Offer {
  cabin: Cabin;
  flight: Booking['flight'];
  departureAt: Date;
  fare: Fare;
  conditions: FareConditions;
}

/** Finds the offer of a cabin of a flight; undefined when there is no such flight or cabin. */
async function findOffer(db: Db, flightId: string, cabin: Cabin): Promise<Offer | undefined> {
  const [row] = await run(db, FIND_OFFER, [flightId, cabin]);
  return row && toOffer(row, cabin);
}

/** The offer of a cabin `$2` of a flight `$1`: a query of no row, or one. */
export const OFFER_SQL = `
  SELECT f.id AS flight_id, f.flight_number, f.departure_at, f.arrival_at, ${AIRPORT_COLUMNS},
    c.base_amount, c.taxes_amount, c.fees_amount, c.currency, c.refundable, c.cancellation_fee_amount
  FROM flights f JOIN flight_cabins c ON c.flight_id = f.id ${AIRPORT_JOINS}
  WHERE f.id = $1 AND c.cabin = $2`;

const FIND_OFFER = statement<OfferRow, [flightId: string, cabin: Cabin]>('find_offer', OFFER_SQL);

/**
 * Finds the offer that a booking is made on.
 *
 * @throws Refusal `flight_not_found` when there is no such offer.
 */
export async function requireOffer(db: Db, flightId: string, cabin: Cabin): Promise<Offer> {
  return requireFound(await findOffer(db, flightId, cabin));
}

/** @throws Refusal `flight_not_found` when there is no offer. */
export function requireFound(offer: Offer | undefined): Offer {
  if (offer !== undefined) return offer;
  throw new Refusal('flight_not_found', 'There is no such flight, or it has no such cabin.');
}

/** A row of {@link OFFER_SQL}. */
export interface OfferRow extends FlightColumns {
  base_amount: number;
  taxes_amount: number;
  fees_amount: number;
  currency: string;
  refundable: boolean;
  cancellation_fee_amount: number;
}

/** Returns the offer that a row tells. */
export function toOffer(row: OfferRow, cabin: Cabin): Offer {
  return {
    cabin,
    flight: toFlightSummary(row),
    departureAt: row.departure_at,
    fare: {
      base: row.base_amount,
      taxes: row.taxes_amount,
      fees: row.fees_amount,
      currency: row.currency,
    },
    conditions: {
      refundable: row.refundable,
      cancellationFee: { amount: row.cancellation_fee_amount, currency: row.currency },
    },
  };
}
