import type { Db } from '../connection';

/** An airport as customers find it. `city` is null where the schedule names none. */
export interface AirportDetails {
  iata: string;
  name: string;
  city: string | null;
  metropolitanArea: string | null;
  timeZone: string;
}

/**
 * Returns the airports that a code stands for: the airport itself, or all of a metropolitan area.
 * Returns none for an unknown code.
 *
 * An airport's code takes precedence over an area's, so that adding an area never changes the
 * result for an airport.
 */
export async function airportsOf(db: Db, code: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { iata: string }[] }>(
    `SELECT iata FROM airports
     WHERE iata = :code
       OR (metropolitan_area = :code AND NOT EXISTS (SELECT FROM airports WHERE iata = :code))
     ORDER BY iata`,
    { code },
  );
  return rows.map(({ iata }) => iata);
}

/** In lower case and without accents, so that `sao` finds São Paulo. */
const folded = (text: string) =>
  `lower(regexp_replace(normalize(${text}, NFKD), '[\\u0300-\\u036f]', '', 'g'))`;

/**
 * Order of the results: a code first, then the beginning of a city or a name, then a part of them.
 */
const RANK = `
  CASE
    WHEN q = '' THEN 0
    WHEN code = q THEN 0
    WHEN area = q THEN 1
    WHEN starts_with(code, q) THEN 2
    WHEN starts_with(fold.city, q) THEN 3
    WHEN starts_with(fold.name, q) THEN 4
    WHEN strpos(fold.city, q) > 0 THEN 5
    WHEN strpos(fold.name, q) > 0 THEN 6
  END`;

/**
 * Finds airports by code, metropolitan area, city or name, or parts of these. Case and accents
 * don't matter. An empty text finds all, by code. Returns at most `limit`, the best matches first.
 */
export async function searchAirports(
  db: Db,
  text: string,
  limit: number,
): Promise<AirportDetails[]> {
  const { rows } = await db.raw<{ rows: AirportDetails[] }>(
    `SELECT iata, airports.name, airports.city, metropolitan_area AS "metropolitanArea", time_zone AS "timeZone"
     FROM airports
     CROSS JOIN LATERAL (
       SELECT lower(iata) AS code, lower(metropolitan_area) AS area,
         ${folded('airports.city')} AS city, ${folded('airports.name')} AS name,
         ${folded('CAST(:text AS text)')} AS q
     ) fold
     CROSS JOIN LATERAL (SELECT ${RANK} AS rank) ranked
     WHERE rank IS NOT NULL
     ORDER BY rank, iata
     LIMIT :limit`,
    { text, limit },
  );
  return rows;
}
