import type { Cabin } from '../../domain/cabin';
import type { FlightStatus } from '../../domain/flight-status';
import type { ScheduleChange } from '../schedule-changes/progress-view';
import { listScheduleChanges } from '../schedule-changes/progress-view';
import type { Db } from '../connection';

/** How many seats there are, and what became of them. They sum to `capacity`. */
export interface SeatLoad {
  capacity: number;
  sold: number;
  held: number;
  free: number;
}

/** A flight as those who run it see it; instants in ISO 8601. */
export interface FlightLoad {
  id: string;
  flightNumber: string;
  origin: string;
  destination: string;
  departureAt: string;
  arrivalAt: string;
  status: FlightStatus;
  aircraft: { model: string };
  seats: SeatLoad;
  cabins: (SeatLoad & { cabin: Cabin })[];
  /** What the airline did to it, the oldest first. */
  scheduleChanges: (ScheduleChange & { reason: string })[];
}

export interface LoadSearch {
  /** The local date at the origin, `YYYY-MM-DD`. */
  date: string;
  /** Codes of airports; null for all. */
  origins: readonly string[] | null;
  destinations: readonly string[] | null;
  limit: number;
  /** The last flight of the page before. */
  after: { departureAt: string; id: string } | null;
}

/**
 * Lists the flights of one day with their load, by departure. Those that have left are among them,
 * with what was free then.
 */
export async function listFlightLoads(
  db: Db,
  { date, origins, destinations, limit, after }: LoadSearch,
): Promise<FlightLoad[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    `SELECT f.id, f.flight_number AS "flightNumber", f.origin, f.destination,
       f.departure_at AS "departureAt", f.arrival_at AS "arrivalAt", f.status, f.aircraft_model AS model,
       (SELECT json_agg(json_build_object('cabin', c.cabin, 'capacity', c.seat_count,
           'sold', taken.sold, 'held', taken.held) ORDER BY c.base_amount)
        FROM flight_cabins c CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE s.state = 'sold') AS sold,
            count(*) FILTER (WHERE s.state = 'held') AS held
          FROM seats s WHERE s.flight_id = c.flight_id AND s.cabin = c.cabin
        ) taken WHERE c.flight_id = f.id) AS cabins
     FROM flights f
     WHERE f.departure_date = CAST(:date AS date)
       AND (CAST(:origins AS text[]) IS NULL OR f.origin = ANY (CAST(:origins AS text[])))
       AND (CAST(:destinations AS text[]) IS NULL OR f.destination = ANY (CAST(:destinations AS text[])))
       AND (CAST(:afterAt AS timestamptz) IS NULL
         OR (f.departure_at, f.id) > (CAST(:afterAt AS timestamptz), CAST(:afterId AS uuid)))
     ORDER BY f.departure_at, f.id LIMIT :limit`,
    {
      date,
      origins: origins as string[] | null,
      destinations: destinations as string[] | null,
      limit,
      afterAt: after?.departureAt ?? null,
      afterId: after?.id ?? null,
    },
  );
  const changes = await listScheduleChanges(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ model, departureAt, arrivalAt, ...row }) => {
    const cabins = row.cabins.map((cabin) => ({
      ...cabin,
      free: cabin.capacity - cabin.sold - cabin.held,
    }));
    return {
      ...row,
      departureAt: departureAt.toISOString(),
      arrivalAt: arrivalAt.toISOString(),
      aircraft: { model },
      seats: {
        capacity: sum(cabins, 'capacity'),
        sold: sum(cabins, 'sold'),
        held: sum(cabins, 'held'),
        free: sum(cabins, 'free'),
      },
      cabins,
      scheduleChanges: changes.filter(({ flightId }) => flightId === row.id),
    };
  });
}

type Row = Omit<
  FlightLoad,
  'departureAt' | 'arrivalAt' | 'aircraft' | 'seats' | 'cabins' | 'scheduleChanges'
> & {
  departureAt: Date;
  arrivalAt: Date;
  model: string;
  cabins: Omit<FlightLoad['cabins'][number], 'free'>[];
};

function sum(loads: readonly SeatLoad[], which: keyof SeatLoad): number {
  return loads.reduce((total, load) => total + load[which], 0);
}
