import type { Cabin } from '../../domain/cabin';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/** A day, and the lowest price of one adult on it; null when nothing is on sale. */
export interface CalendarDay {
  /** Local at the origin, `YYYY-MM-DD`. */
  date: string;
  lowestPrice: Money | null;
}

export interface CalendarSearch {
  /** Codes of airports, one or more each. */
  origins: readonly string[];
  destinations: readonly string[];
  /** `YYYY-MM`. */
  month: string;
  passengers: number;
  /** If given, only this cabin counts. */
  cabin: Cabin | null;
  /** Flights that depart before this instant are no longer sold. */
  departingAfter: Date;
}

/**
 * Reads the lowest price of each day of a month, of direct flights that have seats for the whole
 * party in one cabin.
 *
 * Of each day the offers are looked at from the cheapest on, and only until one has the seats: most
 * days cost one look at the route and a few at seats, however large the aircraft are.
 */
export async function readCalendar(
  db: Db,
  { origins, destinations, month, passengers, cabin, departingAfter }: CalendarSearch,
): Promise<CalendarDay[]> {
  const query = db.raw(CALENDAR, {
    origins: [...origins],
    destinations: [...destinations],
    first: `${month}-01`,
    passengers,
    cabin,
    departingAfter,
  });
  // Planning takes longer than carrying it out. Prepared by name, it need not be done each time.
  const { rows } = (await query.options({ name: 'read_calendar' })) as {
    rows: { date: string; amount: number | null; currency: string | null }[];
  };
  return rows.map(({ date, amount, currency }) => ({
    date,
    lowestPrice: amount === null || currency === null ? null : { amount, currency },
  }));
}

/** `OFFSET 0` keeps the order: without it PostgreSQL would look at the seats of all offers first. */
const CALENDAR = `
  SELECT CAST(day AS date) AS date, lowest.amount, lowest.currency
  FROM generate_series(CAST(:first AS timestamp),
    CAST(:first AS timestamp) + interval '1 month' - interval '1 day', interval '1 day') AS day
  LEFT JOIN LATERAL (
    SELECT amount, currency FROM (
      SELECT c.flight_id, c.cabin, c.currency,
        c.base_amount + c.taxes_amount + c.fees_amount AS amount
      FROM flights f JOIN flight_cabins c ON c.flight_id = f.id
      WHERE f.origin = ANY (:origins) AND f.destination = ANY (:destinations)
        AND f.departure_date = CAST(day AS date)
        AND f.departure_at > :departingAfter AND f.status <> 'cancelled'
        AND (CAST(:cabin AS text) IS NULL OR c.cabin = :cabin)
      ORDER BY amount OFFSET 0
    ) offers
    WHERE :passengers <= (SELECT count(*) FROM (
      SELECT FROM seats s
      WHERE s.flight_id = offers.flight_id AND s.cabin = offers.cabin AND s.state = 'free'
      LIMIT :passengers) free)
    LIMIT 1
  ) lowest ON true
  ORDER BY day`;
