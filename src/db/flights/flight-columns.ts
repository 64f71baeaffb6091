import type { Airport } from '../../domain/booking';
import { CABINS, type Cabin } from '../../domain/cabin';
import { fareRulesOf, type FareConditions, type FareRules } from '../../domain/fare';
import type { FlightStatus } from '../../domain/flight-status';
import type { Money } from '../../domain/money';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from './airports';

/**
 * A flight as customers see it: plain JSON, instants in ISO 8601. Prices are for one adult, all
 * included.
 */
export interface Flight {
  id: string;
  flightNumber: string;
  carrier: { code: string; name: string };
  origin: Airport;
  destination: Airport;
  departureAt: string;
  arrivalAt: string;
  status: FlightStatus;
  aircraft: { model: string };
  cabins: { cabin: Cabin; availableSeats: number; price: Money; conditions: FareRules }[];
}

/** To be selected from {@link fromFlights}. */
export const FLIGHT_COLUMNS = `
  f.id, f.flight_number, f.carrier_code, carriers.name AS carrier_name, f.departure_at, f.arrival_at,
  f.status, f.aircraft_model, offers.cabins, ${AIRPORT_COLUMNS}`;

/** Those that were free when the flight left, and are archived; added to the free ones. */
export const ARCHIVED_SEATS = `
  + coalesce((SELECT cardinality(u.seat_numbers) FROM unsold_seats u
    WHERE u.flight_id = c.flight_id AND u.cabin = c.cabin), 0)`;

/**
 * Flights `f` with their airports, and their cabins as `offers`: all of them, or `:cabin` alone.
 * The lowest price is that of the cheapest one with `:passengers` free seats.
 */
export const fromFlights = (archived = '') => `
  FROM flights f
  JOIN carriers ON carriers.code = f.carrier_code
  ${AIRPORT_JOINS}
  CROSS JOIN LATERAL (
    SELECT
      json_agg(json_build_object(
        'cabin', c.cabin,
        'availableSeats', free.seats,
        'price', json_build_object('amount', c.base_amount + c.taxes_amount + c.fees_amount, 'currency', c.currency),
        'conditions', json_build_object('refundable', c.refundable, 'cancellationFee',
          json_build_object('amount', c.cancellation_fee_amount, 'currency', c.currency))
      )) AS cabins,
      min(c.base_amount + c.taxes_amount + c.fees_amount) FILTER (WHERE free.seats >= :passengers) AS lowest_price
    FROM flight_cabins c
    CROSS JOIN LATERAL (
      SELECT count(*) ${archived} AS seats FROM seats s
      WHERE s.flight_id = c.flight_id AND s.cabin = c.cabin AND s.state = 'free'
    ) free
    WHERE c.flight_id = f.id AND (CAST(:cabin AS text) IS NULL OR c.cabin = :cabin)
  ) offers`;

/** A row of {@link FLIGHT_COLUMNS}. */
export interface FlightRow {
  id: string;
  flight_number: string;
  carrier_code: string;
  carrier_name: string;
  origin: Airport;
  destination: Airport;
  departure_at: Date;
  arrival_at: Date;
  status: FlightStatus;
  aircraft_model: string;
  cabins: (Omit<Flight['cabins'][number], 'conditions'> & { conditions: FareConditions })[];
}

/** Returns the flight that a row tells, its cabins from the cheapest on. */
export function toFlight(row: FlightRow): Flight {
  return {
    id: row.id,
    flightNumber: row.flight_number,
    carrier: { code: row.carrier_code, name: row.carrier_name },
    origin: row.origin,
    destination: row.destination,
    departureAt: row.departure_at.toISOString(),
    arrivalAt: row.arrival_at.toISOString(),
    status: row.status,
    aircraft: { model: row.aircraft_model },
    cabins: row.cabins
      .sort((a, b) => CABINS.indexOf(a.cabin) - CABINS.indexOf(b.cabin))
      .map((offer) => ({ ...offer, conditions: fareRulesOf(offer.conditions) })),
  };
}
