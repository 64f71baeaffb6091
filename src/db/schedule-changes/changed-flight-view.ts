import type { ChangeableFlight } from '../../domain/schedule-change';
import type { Db } from '../connection';

/** A flight as it is, and what the airline has done to it so far. */
export interface ChangedFlight extends ChangeableFlight {
  flightNumber: string;
  /** How many schedule changes it has had: another number after each of them. */
  changes: number;
  latest: { id: string; requestedBy: string; fingerprint: string } | null;
}

/** Reads a flight with its latest schedule change, all as of one moment. */
export async function readChangedFlight(
  db: Db,
  flightId: string,
): Promise<ChangedFlight | undefined> {
  const { rows } = await db.raw<{ rows: ChangedFlight[] }>(
    `SELECT f.flight_number AS "flightNumber", f.status, f.departure_at AS "departureAt",
       f.arrival_at AS "arrivalAt", count(c.id) OVER () AS changes,
       CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'requestedBy', c.requested_by,
         'fingerprint', c.fingerprint) END AS latest
     FROM flights f LEFT JOIN schedule_changes c ON c.flight_id = f.id
     WHERE f.id = CAST(:flightId AS uuid)
     ORDER BY c.applied_at DESC, c.id LIMIT 1`,
    { flightId },
  );
  return rows[0];
}
