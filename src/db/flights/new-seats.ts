import type { Db } from '../connection';
import type { NewFlight } from './new-flight';

/**
 * Adds every seat of flights, free. To be called in the transaction that has just added the
 * flights and their cabins.
 *
 * @throws `Bug: …` when a flight lacks a cabin that its seats are in.
 */
export async function addSeats(transaction: Db, flights: readonly NewFlight[]): Promise<void> {
  await transaction.raw(SKIP_CHECKS_IF_ALLOWED);
  for (const [seats, flightIds] of groupByLayout(flights))
    await multiply(transaction, seats, flightIds);
  await transaction.raw(CHECK_AGAIN);
}

/**
 * PostgreSQL would look up the cabin of each new seat by itself: four tenths of the time that a
 * load takes. These seats are made from rows of `flight_cabins` that this transaction has added and
 * nobody else can see yet. So none can lack its cabin, and a free seat names no booking.
 *
 * A superuser, or who was granted this setting, skips that and all other triggers until
 * {@link CHECK_AGAIN} or the end of the transaction. For everybody else nothing changes but the
 * time. CHECK and UNIQUE hold in any case, and so do triggers that are enabled always: the audit
 * hears of the new flights.
 */
const SKIP_CHECKS_IF_ALLOWED = `
  SELECT set_config('session_replication_role', 'replica', true)
  WHERE has_parameter_privilege('session_replication_role', 'SET')`;

const CHECK_AGAIN = `
  SELECT set_config('session_replication_role', 'origin', true)
  WHERE current_setting('session_replication_role') = 'replica'`;

function groupByLayout(flights: readonly NewFlight[]): Map<NewFlight['seats'], string[]> {
  const groups = new Map<NewFlight['seats'], string[]>();
  for (const { id, seats } of flights) groups.set(seats, [...(groups.get(seats) ?? []), id]);
  return groups;
}

/**
 * Adds the same seats to each of several flights. The layout is sent once and multiplied by
 * PostgreSQL: a day has about 200,000 seats, and sending each takes longer than storing it. A
 * flight's seats are stored side by side, which keeps counting them cheap.
 */
async function multiply(
  transaction: Db,
  seats: NewFlight['seats'],
  flightIds: readonly string[],
): Promise<void> {
  const { rowCount } = await transaction.raw<{ rowCount: number }>(
    `INSERT INTO seats (flight_id, seat_number, row_number, cabin)
     SELECT c.flight_id, layout.seat_number, layout.row_number, c.cabin
     FROM unnest(?::text[], ?::smallint[], ?::text[]) WITH ORDINALITY
       AS layout (seat_number, row_number, cabin, position)
     JOIN flight_cabins c USING (cabin)
     WHERE c.flight_id = ANY(?::uuid[])
     ORDER BY c.flight_id, layout.position`,
    [
      seats.map((seat) => seat.seatNumber),
      seats.map((seat) => seat.rowNumber),
      seats.map((seat) => seat.cabin),
      [...flightIds],
    ],
  );
  if (rowCount !== seats.length * flightIds.length)
    throw new Error(`Bug: ${rowCount} seats for ${flightIds.length} flights of ${seats.length}`);
}
