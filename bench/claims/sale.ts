import type { Db } from '../../src/db/connection';
import { SCENARIO_CARRIER } from '../../src/domain/flight-schedule/scenario-flights';
import { carryOut } from './request';

/**
 * Flights with economy seats on which sales don't close within hours. Not those of the sandbox's
 * airline, where a sale has others come for the rest.
 */
export const ON_SALE = `
  SELECT flight_id AS id FROM flight_cabins JOIN flights f ON f.id = flight_id
  WHERE cabin = 'economy' AND departure_at > now() + interval '6 hours'
    AND carrier_code <> '${SCENARIO_CARRIER.code}'`;

/** What a booking and its payment do in the database, by the statements that processes use. */
export async function sellSeat(db: Db, flightIds: readonly string[]): Promise<void> {
  await carryOut('sale', db, flightIds[Math.floor(Math.random() * flightIds.length)] ?? '');
}
