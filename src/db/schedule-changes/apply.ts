import {
  findScheduleChangeFault,
  type ScheduleChangeFault,
  type ScheduleChangeKind,
  type ScheduleChangeRequest,
} from '../../domain/schedule-change';
import type { FlightStatus } from '../../domain/flight-status';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { Db } from '../connection';
import { inTransaction } from '../transaction';
import { call } from '../statement';
import { AFFECTED_BOOKINGS } from './affected';
import { UNANSWERED_TIMES } from './disruption-view';
import { LOCK_FLIGHT } from './flight-lock';

/** A schedule change that an operator asked for. */
export interface NewScheduleChange {
  id: string;
  flightId: string;
  change: ScheduleChangeRequest;
  /** In words that customers may read. */
  reason: string;
  /** The operator's ID. */
  requestedBy: string;
  /** Digest of the request: tells a retry from another request under the same key. */
  fingerprint: string;
}

/**
 * Takes a flight off sale, or moves it, and lists the bookings that this affects: exactly those
 * that have a seat on it at that moment. All of it is one transaction, under the flight's lock. So
 * each claim of seats is either before it, and listed, or after it, and sees what has changed.
 *
 * Safe to retry: a schedule change that was applied before stays as it is.
 *
 * @throws Refusal `flight_not_found`; `flight_departed`; `schedule_change_closed` when the flight is
 * cancelled, or has these times; `idempotency_key_reused` when its ID came with another request.
 * Nothing changes then.
 */
export async function applyScheduleChange(
  db: Db,
  change: NewScheduleChange,
  at: Date,
): Promise<void> {
  await inTransaction(db, [call(LOCK_FLIGHT, [change.flightId])], async (trx) => {
    const known = await trx('schedule_changes').where({ id: change.id }).first('fingerprint');
    if (known !== undefined) {
      if (known.fingerprint === change.fingerprint) return;
      throw new Refusal('idempotency_key_reused', 'The key came with another request before.');
    }
    const flight = await trx('flights').where({ id: change.flightId }).forNoKeyUpdate().first();
    if (flight === undefined) throw new Refusal('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
    const times = { departureAt: flight.departure_at, arrivalAt: flight.arrival_at };
    const status = flight.status as FlightStatus;
    const fault = findScheduleChangeFault({ status, ...times }, change.change, at);
    if (fault !== undefined) throw refusalOf(fault);
    await record(trx, change, { times, at });
    await lockBookings(trx, change);
    await stopChanges(trx, change);
    await listAffected(trx, change);
    await changeFlight(trx, change);
  });
}

/** What is at fault whenever it is looked at was refused before the workflow was started. */
function refusalOf(fault: ScheduleChangeFault): Refusal {
  switch (fault) {
    case 'flight_departed':
    case 'departure_in_the_past':
      return new Refusal('flight_departed', REFUSAL_TEXTS.hasDeparted);
    case 'already_cancelled':
      return new Refusal('schedule_change_closed', REFUSAL_TEXTS.flightCancelled);
    case 'same_times':
      return new Refusal('schedule_change_closed', 'The flight has these times already.');
    case 'arrival_out_of_range':
    case 'moved_too_far':
      return new Refusal('schedule_change_closed', 'A flight can’t be moved to these times.');
    default:
      throw new Error(`Bug: ${String(fault satisfies never)} is no fault`);
  }
}

async function record(
  trx: Db,
  { id, flightId, change, reason, requestedBy, fingerprint }: NewScheduleChange,
  { times, at }: { times: { departureAt: Date; arrivalAt: Date }; at: Date },
): Promise<void> {
  const kind: ScheduleChangeKind = change.kind;
  await trx('schedule_changes').insert({
    id,
    flight_id: flightId,
    kind,
    reason,
    requested_by: requestedBy,
    fingerprint,
    old_departure_at: times.departureAt,
    old_arrival_at: times.arrivalAt,
    new_departure_at: change.kind === 'moved' ? change.departureAt : null,
    new_arrival_at: change.kind === 'moved' ? change.arrivalAt : null,
    applied_at: at,
  });
}

/**
 * Locks the bookings that have a seat on the flight, or hold one for a change. Waits for what is
 * under way with them, so that the statements after this one see how it ended.
 *
 * All of them at once, in the order of their IDs: schedule changes of two flights that share
 * bookings never deadlock.
 */
async function lockBookings(trx: Db, { flightId }: NewScheduleChange): Promise<void> {
  await trx.raw(
    `SELECT FROM bookings WHERE id IN (
       SELECT booking_id FROM seats
       WHERE flight_id = CAST(:flightId AS uuid) AND booking_id IS NOT NULL)
     ORDER BY id FOR NO KEY UPDATE`,
    { flightId },
  );
}

/**
 * Keeps changes of bookings that are to add this flight from being completed: nobody has agreed to
 * what it is now. Those that were completed have affected bookings.
 */
async function stopChanges(trx: Db, { flightId }: NewScheduleChange): Promise<void> {
  await trx.raw(
    `UPDATE changes SET flight_changed = true
     FROM change_segments g
     WHERE g.change_id = changes.id AND changes.status = 'pending'
       AND g.flight_id = CAST(:flightId AS uuid) AND g.is_new`,
    { flightId },
  );
}

/**
 * Lists the bookings whose itinerary has the flight. Each with the times that a person accepted last: those of now, unless an earlier schedule change
 * was accepted by nobody.
 */
async function listAffected(trx: Db, { id, flightId }: NewScheduleChange): Promise<void> {
  await trx.raw(
    `INSERT INTO booking_schedule_changes (schedule_change_id, booking_id, accepted_times)
     SELECT CAST(:id AS uuid), b.id, coalesce(unanswered.accepted_times, present.times)
     FROM ${AFFECTED_BOOKINGS}
     CROSS JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object('flightId', f.id, 'departureAt', f.departure_at,
         'arrivalAt', f.arrival_at)) AS times
       FROM flights f WHERE f.id IN (
         SELECT b.flight_id
         UNION SELECT g.flight_id FROM booking_segments g WHERE g.booking_id = b.id)
     ) present
     LEFT JOIN LATERAL (${UNANSWERED_TIMES}) unanswered ON true
     ORDER BY b.id`,
    { id, flightId },
  );
}

/** Its day is that of its new departure: customers search by it. */
async function changeFlight(trx: Db, { flightId, change }: NewScheduleChange): Promise<void> {
  switch (change.kind) {
    case 'cancelled':
      await trx('flights').where({ id: flightId }).update({ status: 'cancelled' });
      return;
    case 'moved':
      await trx.raw(
        `UPDATE flights f SET status = 'moved', departure_at = :departureAt,
           arrival_at = :arrivalAt,
           departure_date = CAST(CAST(:departureAt AS timestamptz) AT TIME ZONE o.time_zone AS date)
         FROM airports o WHERE f.id = CAST(:flightId AS uuid) AND o.iata = f.origin`,
        { flightId, departureAt: change.departureAt, arrivalAt: change.arrivalAt },
      );
      return;
    default:
      throw new Error(`Bug: ${String(change satisfies never)} is no schedule change`);
  }
}
