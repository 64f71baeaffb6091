import type { BookedFlight } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { Fare, FareConditions } from '../../domain/fare';
import type { FlightStatus } from '../../domain/flight-status';
import { localDateOf } from '../../domain/local-date';
import { Refusal } from '../../domain/refusal';
import type { Segment } from '../../domain/slice';
import type { Db } from '../connection';
import { run, statement } from '../statement';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from './airports';
import { toFlightSummary, type FlightColumns } from './flight-summary';

/** What is sold in one cabin of a flight, and on which conditions. */
export interface Offer {
  cabin: Cabin;
  flight: BookedFlight;
  departureAt: Date;
  status: FlightStatus;
  fare: Fare;
  conditions: FareConditions;
}

/** What a booking may be made of: the flights of each slice, all in one cabin. */
export type OfferedSlices = Offer[][];

/**
 * Which flights a statement is about, as rows of `wanted` with `id` and `position`: one of them, or
 * several.
 *
 * Statements of one flight are those that most sales run. PostgreSQL takes that row for what it is,
 * and plans them once; with an array it would take ten flights for granted.
 */
export const WANTED_FLIGHTS = {
  one: (id: string) => `(VALUES (CAST(${id} AS uuid), CAST(1 AS bigint))) AS wanted (id, position)`,
  several: (ids: string) =>
    `unnest(CAST(${ids} AS uuid[])) WITH ORDINALITY AS wanted (id, position)`,
} as const;

/** The offer of a cabin of a flight: a query of no row, or one. */
export function offerSql(flightId: string, cabin: string): string {
  return `
  SELECT f.id AS flight_id, f.flight_number, f.departure_at, f.arrival_at,
    f.status AS flight_status, ${AIRPORT_COLUMNS},
    c.base_amount, c.taxes_amount, c.fees_amount, c.currency, c.refundable, c.cancellation_fee_amount
  FROM flights f JOIN flight_cabins c ON c.flight_id = f.id ${AIRPORT_JOINS}
  WHERE f.id = ${flightId} AND c.cabin = ${cabin}`;
}

const FIND_OFFERS = statement<OfferRow, [flightIds: string[], cabin: string]>(
  'find_offers',
  `SELECT offer.* FROM ${WANTED_FLIGHTS.several('$1')}
   CROSS JOIN LATERAL (${offerSql('wanted.id', '$2')}) AS offer ORDER BY wanted.position`,
);

/**
 * Finds the offers that a booking is made on.
 *
 * @throws Refusal `flight_not_found` when there is no such flight or cabin.
 */
export async function requireOffers(
  db: Db,
  slices: readonly (readonly string[])[],
  cabin: Cabin,
): Promise<OfferedSlices> {
  const rows = await run(db, FIND_OFFERS, [slices.flat(), cabin]);
  const offers = new Map(rows.map((row) => [row.flight_id, toOffer(row, cabin)]));
  return slices.map((ids) => ids.map((id) => requireFound(offers.get(id))));
}

/** @throws Refusal `flight_not_found` when there is no offer. */
export function requireFound(offer: Offer | undefined): Offer {
  if (offer !== undefined) return offer;
  throw new Refusal('flight_not_found', 'There is no such flight, or it has no such cabin.');
}

/** Returns the flights of each slice, as far as they have to fit one another. */
export function itineraryOf(slices: OfferedSlices): Segment[][] {
  return slices.map((offers) =>
    offers.map(({ flight, departureAt }) => ({
      origin: flight.origin.iata,
      destination: flight.destination.iata,
      departureAt,
      arrivalAt: new Date(flight.arrivalAt),
    })),
  );
}

/** Returns the date, where it departs, of the last flight: passengers are as old as they are then. */
export function dayOfLastFlight(slices: OfferedSlices): string {
  const last = slices.flat().at(-1);
  if (last === undefined) throw new Error('Bug: a booking has no flight');
  return localDateOf(last.departureAt, last.flight.origin.timeZone);
}

/** A row of {@link offerSql}. */
export interface OfferRow extends FlightColumns {
  flight_status: FlightStatus;
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
    status: row.flight_status,
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
