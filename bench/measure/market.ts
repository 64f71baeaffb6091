import { StackFailure } from '../../scripts/stack/failure';
import { query } from '../../scripts/stack/postgres-cluster';

/**
 * What a customer looks for: a route and a day; one certain flight, where everybody wants the same.
 */
export interface Wish {
  origin: string;
  destination: string;
  date: string;
  flightId?: string;
}

/** Where wishes come from. */
export interface Market {
  next(): Wish;
  /** Told that nothing of it is left. */
  soldOut(wish: Wish): void;
}

/** Enough routes and days that customers rarely meet on a flight. */
const WISHES = 2_000;

/** The largest flights: one at a time is the hot one. */
const HOT_FLIGHTS = 50;

/** Sales of what leaves tomorrow don't close during a run. */
const LATER = `departure_at > now() + interval '1 day'`;

/** Customers who go anywhere, on any day on sale. */
export async function openMarket(databaseUrl: string): Promise<Market> {
  const wishes = await query<Wish>(
    databaseUrl,
    `SELECT * FROM (
       SELECT DISTINCT origin, destination, departure_date::text AS date FROM flights WHERE ${LATER}
     ) routes ORDER BY md5(origin || destination || date) LIMIT ${WISHES}`,
  );
  const random = () => wishes[Math.floor(Math.random() * wishes.length)];
  return { next: () => random() ?? noFlights(), soldOut: () => undefined };
}

/** Customers who all want the same flight; when it is sold out, they all want the next. */
export async function openHotMarket(databaseUrl: string): Promise<Market> {
  const wishes = await query<Wish>(
    databaseUrl,
    `SELECT f.id AS "flightId", f.origin, f.destination, f.departure_date::text AS date
     FROM flights f JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy'
     WHERE ${LATER} ORDER BY c.seat_count DESC, f.departure_at DESC, f.id LIMIT ${HOT_FLIGHTS}`,
  );
  return {
    next: () => wishes[0] ?? noFlights(),
    soldOut: (wish) => {
      if (wish === wishes[0]) wishes.shift();
    },
  };
}

function noFlights(): never {
  throw new StackFailure('The stack has no flights left to sell: load more days.');
}
