import { query } from '../../../scripts/stack/postgres-cluster';

/** Sales close so long before departure, and holds end with them. */
const CLOSES_BEFORE_DEPARTURE = '60 minutes';

/**
 * Moves flights so that their sales close at that time: all holds on them end in the same second.
 */
export async function closeSalesAt(
  databaseUrl: string,
  flights: readonly string[],
  closesAt: Date,
): Promise<void> {
  const ids = flights.map((id) => `'${id}'`).join();
  const departure = `'${closesAt.toISOString()}'::timestamptz + interval '${CLOSES_BEFORE_DEPARTURE}'`;
  await query(
    databaseUrl,
    `UPDATE flights SET departure_at = ${departure},
       arrival_at = ${departure} + (arrival_at - departure_at)
     WHERE id IN (${ids})`,
  );
}

/** Returns how many holds on these flights are open. */
export async function countHolds(databaseUrl: string, flights: readonly string[]): Promise<number> {
  const ids = flights.map((id) => `'${id}'`).join();
  const [found] = await query<{ count: number }>(
    databaseUrl,
    `SELECT count(*)::integer AS count FROM bookings
     WHERE status = 'pending' AND flight_id IN (${ids})`,
  );
  return found?.count ?? 0;
}

/** Returns how long after that time these flights' seats came back, in seconds. */
export async function releasesAfter(
  databaseUrl: string,
  flights: readonly string[],
  closesAt: Date,
): Promise<{ releases: number; medianSeconds: number; lastSeconds: number }> {
  const ids = flights.map((id) => `'${id}'`).join();
  const late = `extract(epoch FROM occurred_at - '${closesAt.toISOString()}')`;
  const [found] = await query<{ releases: number; median: string; last: string }>(
    databaseUrl,
    `SELECT count(*)::integer AS releases, max(${late}) AS last,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY ${late}) AS median
     FROM booking_events e JOIN bookings b ON b.id = e.booking_id
     WHERE b.flight_id IN (${ids}) AND b.cancellation_reason = 'payment_expired'
       AND e.type = 'cancelled'`,
  );
  return {
    releases: found?.releases ?? 0,
    medianSeconds: Number(found?.median ?? 0),
    lastSeconds: Number(found?.last ?? 0),
  };
}
