import type { Booking } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { Fare, FareConditions } from '../../domain/fare';
import { Refusal } from '../../domain/refusal';
import type { Db } from '../connection';
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
export async function findOffer(
  db: Db,
  flightId: string,
  cabin: Cabin,
): Promise<Offer | undefined> {
  const { rows } = await db.raw<{ rows: OfferRow[] }>(
    `SELECT f.*, c.*, ${AIRPORT_COLUMNS}
     FROM flights f JOIN flight_cabins c ON c.flight_id = f.id ${AIRPORT_JOINS}
     WHERE f.id = ? AND c.cabin = ?`,
    [flightId, cabin],
  );
  return rows[0] && toOffer(rows[0], cabin);
}

/**
 * Finds the offer that a booking is made on.
 *
 * @throws Refusal `flight_not_found` when there is no such offer.
 */
export async function requireOffer(db: Db, flightId: string, cabin: Cabin): Promise<Offer> {
  const offer = await findOffer(db, flightId, cabin);
  if (offer === undefined) {
    throw new Refusal('flight_not_found', 'There is no such flight, or it has no such cabin.');
  }
  return offer;
}

interface OfferRow extends FlightColumns {
  base_amount: number;
  taxes_amount: number;
  fees_amount: number;
  currency: string;
  refundable: boolean;
  cancellation_fee_amount: number;
}

function toOffer(row: OfferRow, cabin: Cabin): Offer {
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
