import { CABINS, type Cabin } from '../domain/cabin';
import type { Fare, FareConditions } from '../domain/fare';
import { Refusal } from '../domain/refusal';
import type { Db } from './connection';
import type FlightCabins from './rows/public/FlightCabins';
import type Flights from './rows/public/Flights';

/** What is sold in one cabin of a flight, and on which terms. */
export interface Offer {
  flightId: string;
  cabin: Cabin;
  flightNumber: string;
  departureAt: Date;
  fare: Fare;
  conditions: FareConditions;
}

/** Finds what a cabin of a flight is sold for; undefined when there is no such flight or it has no such cabin. */
export async function findOffer(db: Db, flightId: string, cabin: Cabin): Promise<Offer | undefined> {
  const { rows } = await db.raw<{ rows: OfferRow[] }>(
    `SELECT * FROM flights f JOIN flight_cabins c ON c.flight_id = f.id WHERE f.id = ? AND c.cabin = ?`,
    [flightId, cabin],
  );
  const row = rows[0];
  return (
    row && {
      flightId,
      cabin,
      flightNumber: row.flight_number,
      departureAt: row.departure_at,
      fare: { base: row.base_amount, taxes: row.taxes_amount, fees: row.fees_amount, currency: row.currency },
      conditions: {
        refundable: row.refundable,
        cancellationFee: { amount: row.cancellation_fee_amount, currency: row.currency },
      },
    }
  );
}

type OfferRow = Flights & FlightCabins;

/**
 * Finds an offer that a booking is made on.
 *
 * @throws Refusal `flight_not_found` when nothing of the kind is sold.
 */
export async function requireOffer(db: Db, flightId: string, cabin: Cabin): Promise<Offer> {
  const offer = await findOffer(db, flightId, cabin);
  if (offer === undefined) {
    throw new Refusal('flight_not_found', 'There is no such flight, or it has no such cabin.');
  }
  return offer;
}

/** Orders cabins from the cheapest kind to the dearest. */
export function byCabin(one: { cabin: Cabin }, other: { cabin: Cabin }): number {
  return CABINS.indexOf(one.cabin) - CABINS.indexOf(other.cabin);
}
