import type { Db } from '../connection';
import type { NewFlight } from './new-flight';
import { addSeats } from './new-seats';

/** An airport that flights may name. */
export interface NewAirport {
  iata: string;
  name: string;
  timeZone: string;
  city?: string;
  /** The code of the metropolitan area that it belongs to. */
  metropolitanArea?: string | null;
}

/**
 * Adds carriers and airports that are not stored yet. Existing ones stay as they are. Safe to
 * repeat.
 */
export async function addCarriersAndAirports(
  db: Db,
  carriers: readonly { code: string; name: string }[],
  airports: readonly NewAirport[],
): Promise<void> {
  await db('carriers')
    .insert(carriers.map(({ code, name }) => ({ code, name })))
    .onConflict()
    .ignore();
  await db('airports')
    .insert(
      airports.map(({ iata, name, timeZone, city = null, metropolitanArea = null }) => ({
        iata,
        name,
        time_zone: timeZone,
        city,
        metropolitan_area: metropolitanArea,
      })),
    )
    .onConflict()
    .ignore();
}

/**
 * Gives stored airports a city and a metropolitan area if they lack one, as those of earlier
 * releases do. Changes nothing else. Safe to repeat.
 */
export async function completeAirports(db: Db, airports: readonly NewAirport[]): Promise<void> {
  await db.raw(
    `UPDATE airports SET
       city = coalesce(airports.city, known.city),
       metropolitan_area = coalesce(airports.metropolitan_area, known.metropolitan_area)
     FROM jsonb_to_recordset(?::jsonb) AS known (iata text, city text, metropolitan_area text)
     WHERE airports.iata = known.iata
       AND (airports.city IS NULL AND known.city IS NOT NULL
         OR airports.metropolitan_area IS NULL AND known.metropolitan_area IS NOT NULL)`,
    [
      JSON.stringify(
        airports.map(({ iata, city, metropolitanArea }) => ({
          iata,
          city,
          metropolitan_area: metropolitanArea,
        })),
      ),
    ],
  );
}

/** Returns which of these flights are stored already. */
export async function findStoredFlights(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await db('flights').select('id').whereRaw('id = ANY(?)', [ids]);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Puts flights on sale: the flights, their cabins, and every seat of them, free. Must be called in
 * a transaction, so that a flight is never seen with only some of its seats.
 *
 * @throws a unique violation when one of them is stored already.
 */
export async function addFlights(transaction: Db, flights: readonly NewFlight[]): Promise<void> {
  if (flights.length === 0) return;
  await transaction('flights').insert(
    flights.map((flight) => ({
      id: flight.id,
      carrier_code: flight.carrierCode,
      flight_number: flight.flightNumber,
      origin: flight.origin,
      destination: flight.destination,
      departure_date: flight.departureDate,
      departure_at: flight.departureAt,
      arrival_at: flight.arrivalAt,
      aircraft_model: flight.aircraftModel,
      distance_miles: flight.distanceMiles,
    })),
  );
  await transaction('flight_cabins').insert(flights.flatMap(cabinRows));
  await addSeats(transaction, flights);
}

function cabinRows({ id, cabins }: NewFlight) {
  return cabins.map(({ cabin, seatCount, fare, conditions }) => ({
    flight_id: id,
    cabin,
    seat_count: seatCount,
    base_amount: fare.base,
    taxes_amount: fare.taxes,
    fees_amount: fare.fees,
    cancellation_fee_amount: conditions.cancellationFee.amount,
    currency: fare.currency,
    refundable: conditions.refundable,
  }));
}

/**
 * Updates the planner's statistics, and marks the pages as visible to all transactions, so that
 * free seats are counted from the index alone. Changes no data; safe while bookings go on.
 */
export async function settleAfterLoad(db: Db): Promise<void> {
  // VACUUM can't run in a transaction, so the limit is lifted on one connection, and reset
  // afterwards.
  const client = db.client as {
    acquireConnection(): Promise<unknown>;
    releaseConnection(connection: unknown): Promise<void>;
  };
  const connection = await client.acquireConnection();
  try {
    await db.raw('SET statement_timeout = 0').connection(connection);
    await db.raw('VACUUM (ANALYZE) flights, flight_cabins, seats').connection(connection);
  } finally {
    await db.raw('RESET statement_timeout').connection(connection);
    await client.releaseConnection(connection);
  }
}
