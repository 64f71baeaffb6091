import {
  MAX_CONNECTION_MINUTES,
  MAX_SLICE_MINUTES,
  MIN_CONNECTION_MINUTES,
} from '../../domain/slice';

/**
 * The SQL that finds every way from `:origins` to `:destinations` on `:date`, as rows of `ids`,
 * `departure_at`, `arrival_at` and `price`. It has a common table expression for each step, so
 * that every flight is read, and its seats are looked at, once.
 */

const LEAST = minutes(MIN_CONNECTION_MINUTES);
const MOST = minutes(MAX_CONNECTION_MINUTES);
const LONGEST = minutes(MAX_SLICE_MINUTES);

function minutes(count: number): string {
  return `interval '${count} minutes'`;
}

/**
 * Drops flights `f` that are cancelled, or without enough free seats in the cabin, and adds what one adult pays. Looks at
 * so many free seats as are needed, not at all of them.
 */
const OFFER = `
  CROSS JOIN LATERAL (
    SELECT c.base_amount + c.taxes_amount + c.fees_amount AS price, c.currency
    FROM flight_cabins c
    WHERE c.flight_id = f.id AND c.cabin = :cabin AND f.status <> 'cancelled' AND :passengers <= (
      SELECT count(*) FROM (
        SELECT FROM seats s
        WHERE s.flight_id = f.id AND s.cabin = :cabin AND s.state = 'free' LIMIT :passengers
      ) enough
    )
  ) offer`;

/**
 * One row, of which PostgreSQL expects a hundred. It underestimates each step, takes it for a row
 * or two, and would compare every flight of one with every flight of the next: 600,000 pairs
 * between Boston and New York. Expecting more, it joins them by a hash of the airport.
 */
const EXPECT_MANY = "CROSS JOIN jsonb_array_elements('[0]')";

const LEG = 'f.id, f.origin, f.destination, f.departure_at, f.arrival_at, f.status';
const PRICED_LEG = `${LEG}, offer.price, offer.currency`;

/** A day of any time zone lies between these instants. */
const DAY = `
  f.departure_at >= CAST(:date AS timestamp) AT TIME ZONE 'UTC' - interval '14 hours'
  AND f.departure_at < CAST(:date AS timestamp) AT TIME ZONE 'UTC' + interval '36 hours'`;

/** Whatever leaves within 24 hours of that day, by the calendar of any time zone. */
const NEAR = 'f.departure_date BETWEEN CAST(:date AS date) - 2 AND CAST(:date AS date) + 3';

const DIRECT = `
  SELECT ARRAY[f.id] AS ids, f.departure_at, f.arrival_at, offer.price
  FROM flights f ${OFFER}
  WHERE f.origin = ANY(:origins) AND f.destination = ANY(:destinations)
    AND f.departure_date = :date AND f.departure_at > :departingAfter
    AND f.arrival_at <= f.departure_at + ${LONGEST}`;

/** Whatever leaves the origins on the day, and where and when it arrives. */
const DEPARTING = `
  departing AS MATERIALIZED (
    SELECT ${LEG} FROM flights f
    WHERE f.origin = ANY(:origins) AND f.departure_date = :date
      AND f.departure_at > :departingAfter AND ${DAY}
  ),
  reached AS MATERIALIZED (
    SELECT destination AS airport, min(arrival_at) + ${LEAST} AS earliest,
      max(arrival_at) + ${MOST} AS latest
    FROM departing GROUP BY destination
  )`;

/** Flights on from there to the destinations; only of those that fit in time, the seats. */
const ARRIVING = `
  onward AS MATERIALIZED (
    SELECT ${LEG}
    FROM reached
    JOIN flights f ON f.origin = reached.airport AND f.destination = ANY(:destinations)
      AND f.departure_at BETWEEN reached.earliest AND reached.latest
      AND ${NEAR}
  ),
  arriving AS MATERIALIZED (
    SELECT ${PRICED_LEG} FROM onward f ${OFFER} ${EXPECT_MANY}
  )`;

/** Flights on from there to where flights to the destinations leave, and these. */
const MIDDLE_AND_LAST = `
  last AS MATERIALIZED (
    SELECT ${LEG} FROM airports a
    JOIN flights f ON f.origin = a.iata AND f.destination = ANY(:destinations) AND ${NEAR}
    WHERE f.departure_at >= (SELECT min(earliest) FROM reached)
      AND f.departure_at < (SELECT max(departure_at) + ${LONGEST} FROM departing)
  ),
  middle AS MATERIALIZED (
    SELECT ${PRICED_LEG}
    FROM reached
    JOIN flights f ON f.origin = reached.airport
      AND f.departure_at BETWEEN reached.earliest AND reached.latest
    ${OFFER} ${EXPECT_MANY}
    WHERE f.destination = ANY(ARRAY(SELECT DISTINCT origin FROM last))
  ),
  priced_last AS MATERIALIZED (
    SELECT ${PRICED_LEG} FROM last f ${OFFER} ${EXPECT_MANY}
    WHERE f.origin IN (SELECT destination FROM middle)
  )`;

/** Of the departing flights those that arrive where another goes on. */
function starting(onward: string): string {
  return `
  starting AS MATERIALIZED (
    SELECT ${PRICED_LEG} FROM departing f ${OFFER} ${EXPECT_MANY}
    WHERE f.destination IN (${onward})
  )`;
}

/** The rule of a connection from one flight to the next. */
function connects(one: string, next: string): string {
  return `${next}.origin = ${one}.destination AND ${next}.currency = ${one}.currency
    AND ${next}.departure_at BETWEEN ${one}.arrival_at + ${LEAST} AND ${one}.arrival_at + ${MOST}`;
}

const ONE_CONNECTION = `
  SELECT ARRAY[one.id, two.id], one.departure_at, two.arrival_at, one.price + two.price
  FROM starting one JOIN arriving two ON ${connects('one', 'two')}
  WHERE two.destination <> one.origin AND two.arrival_at <= one.departure_at + ${LONGEST}`;

const TWO_CONNECTIONS = `
  SELECT ARRAY[one.id, two.id, three.id], one.departure_at, three.arrival_at,
    one.price + two.price + three.price
  FROM starting one
  JOIN middle two ON ${connects('one', 'two')} AND two.destination <> one.origin
  JOIN priced_last three ON ${connects('two', 'three')}
  WHERE three.destination NOT IN (one.origin, two.origin)
    AND three.arrival_at <= one.departure_at + ${LONGEST}`;

/**
 * The common table expressions that end in `slices`, by how many connections there may be. What a
 * search doesn't ask for isn't even planned.
 */
export const SLICES: readonly string[] = [
  `slices AS (${DIRECT})`,
  `${DEPARTING}, ${ARRIVING}, ${starting('SELECT origin FROM arriving')},
   slices AS (${DIRECT} UNION ALL ${ONE_CONNECTION})`,
  `${DEPARTING}, ${ARRIVING}, ${MIDDLE_AND_LAST},
   ${starting('SELECT origin FROM arriving UNION ALL SELECT origin FROM middle')},
   slices AS (${DIRECT} UNION ALL ${ONE_CONNECTION} UNION ALL ${TWO_CONNECTIONS})`,
];
