import type { Db } from '../connection';

/** A scrape need not wait longer; the query reads a few hundred rows at the most. */
const TIME_LIMIT_MS = 2_000;

/**
 * Returns the last departure that is on sale with no day missing before it; undefined when no day
 * from now on is on sale. A day beyond a gap doesn't count: nobody can book the days between.
 *
 * Days of yesterday count as a beginning: it may still be yesterday at the origins.
 */
export async function readScheduleReach(db: Db): Promise<Date | undefined> {
  const { rows } = await db
    .raw<{ rows: { reachesAt: Date }[] }>(
      `WITH coming AS (
         SELECT last_departure_at,
           departure_date - (row_number() OVER (ORDER BY departure_date))::integer AS run
         FROM flight_schedule_days WHERE departure_date >= current_date - 1
       )
       SELECT max(last_departure_at) AS "reachesAt" FROM coming GROUP BY run ORDER BY run LIMIT 1`,
    )
    .timeout(TIME_LIMIT_MS);
  return rows[0]?.reachesAt;
}
