import { randomUUID } from 'node:crypto';
import { query } from '../../scripts/stack/postgres-cluster';
import type { Errand } from './crowd';
import { completeSale } from './purchase';
import { anyOf, PASSENGERS } from './requests';

/** The flights of a round trip with a connection each way: two slices of two. */
export type Itinerary = readonly [string, string, string, string];

/** So many round trips, each with a way out of its own. */
const ITINERARIES = 400;

/** Any flight that comes next: it leaves where the one before has arrived, in time. */
const next = (name: string, before: string, latest: string, more: string) => `
  CROSS JOIN LATERAL (
    SELECT f.* FROM flights f
    JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy' AND c.seat_count >= 60
    WHERE f.origin = ${before}.destination AND ${more}
      AND f.departure_at BETWEEN ${before}.arrival_at + interval '45 minutes' AND ${before}.arrival_at + interval '${latest}'
    ORDER BY md5(one.id::text || f.id) LIMIT 1
  ) ${name}`;

/**
 * Chooses round trips through New York that are on sale: to a place beyond it, and back.
 *
 * @throws Error when there is none.
 */
export async function chooseRoundTrips(databaseUrl: string): Promise<Itinerary[]> {
  const rows = await query<{ one: string; two: string; three: string; four: string }>(
    databaseUrl,
    `SELECT one.id AS one, two.id AS two, three.id AS three, four.id AS four
     FROM flights one
     JOIN flight_cabins c ON c.flight_id = one.id AND c.cabin = 'economy' AND c.seat_count >= 60
     ${next('two', 'one', '6 hours', 'f.destination <> one.origin')}
     ${next('three', 'two', '24 hours', 'f.destination = one.destination')}
     ${next('four', 'three', '6 hours', 'f.destination = one.origin')}
     WHERE one.destination IN ('EWR', 'JFK', 'LGA') AND one.departure_at > now() + interval '6 hours'
     ORDER BY one.id LIMIT ${ITINERARIES}`,
  );
  if (rows.length === 0) throw new Error('There is no round trip with connections on sale.');
  return rows.map(({ one, two, three, four }) => [one, two, three, four]);
}

/** Books one of these round trips for one adult, and pays for it. */
export function buyRoundTrip(itineraries: readonly Itinerary[]): Errand {
  return (customer, _shop, tally) =>
    completeSale(customer, tally, () => {
      const [one, two, three, four] = anyOf(itineraries);
      const slices = [{ flightIds: [one, two] }, { flightIds: [three, four] }];
      const body = { slices, passengers: PASSENGERS };
      return customer.post('/api/v1/bookings', randomUUID(), body);
    });
}
