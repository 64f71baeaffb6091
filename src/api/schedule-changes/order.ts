import type { Response } from 'express';
import type { Db } from '../../db/connection';
import { findFlight } from '../../db/flights/flight-view';
import { readScheduleChange, type ScheduleChange } from '../../db/schedule-changes/progress-view';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { findScheduleChangeFault, type ScheduleChangeFault } from '../../domain/schedule-change';
import type { ScheduleChangeWorkflows } from '../../temporal/clients/schedule-changes';
import type { Caller } from '../auth';
import { fingerprintOf, idOfKey, requireSameRequest } from '../idempotency';
import { invalidField, Problem, unavailable } from '../problem';
import type { ScheduleChangeRequest } from './schemas';

export interface ScheduleChangeOrders {
  db: Db;
  scheduleChanges: ScheduleChangeWorkflows;
}

interface Order {
  caller: Caller;
  key: string;
  flightId: string;
  request: ScheduleChangeRequest;
}

/**
 * Changes a flight, and sends how far that is: 202. The bookings are told afterwards.
 *
 * Safe to retry with the same key: it finds the schedule change in the database, or its workflow by
 * its ID.
 *
 * @throws Problem with the refusal's code; `service_unavailable` when not even the workflow is
 * certain to exist.
 */
export async function orderScheduleChange(
  { db, scheduleChanges }: ScheduleChangeOrders,
  { caller, key, flightId, request }: Order,
  res: Response,
): Promise<void> {
  const scheduleChangeId = idOfKey(caller.id, 'schedule-changes', key);
  const fingerprint = fingerprintOf({ flightId, ...request });
  // The flight is read first: it may be as it is by this very order, which is then found.
  const flight = await findFlight(db, flightId);
  const known = await readScheduleChange(db, scheduleChangeId);
  if (known !== undefined) {
    requireSameRequest(known, fingerprint);
    res.set('Idempotent-Replayed', 'true');
    send(res, known);
    return;
  }
  if (flight === undefined) throw new Problem('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
  const present = {
    status: flight.status,
    departureAt: new Date(flight.departureAt),
    arrivalAt: new Date(flight.arrivalAt),
  };
  const fault = findScheduleChangeFault(present, changeOf(request), new Date());
  // The order may be under way already, and was given when the flight was otherwise.
  if (fault !== undefined && (await scheduleChanges.describe(scheduleChangeId)) === undefined)
    throw problemOf(fault);
  const order = { scheduleChangeId, flightId, requestedBy: caller.id, fingerprint, ...request };
  await scheduleChanges.change(order, flight.flightNumber);
  const applied = await readScheduleChange(db, scheduleChangeId);
  if (applied !== undefined) {
    requireSameRequest(applied, fingerprint);
    send(res, applied);
    return;
  }
  const begun = await scheduleChanges.describe(scheduleChangeId);
  if (begun === undefined) throw unavailable(NOT_KNOWN);
  requireSameRequest({ fingerprint, ...begun }, fingerprint);
  const counts = { affected: 0, settled: 0, waiting: 0, failed: 0 };
  const { kind } = request;
  send(res, { id: scheduleChangeId, flightId, kind, status: 'applying', ...counts });
}

const NOT_KNOWN =
  'It is not known yet whether the flight was changed; send the same request with the same key to learn.';

/** Sends how far a schedule change is. The digest of its request is ours. */
function send(res: Response, { id, flightId, kind, status, ...counts }: ScheduleChange): void {
  const { affected, settled, waiting, failed } = counts;
  res
    .status(202)
    .location(`/api/v1/schedule-changes/${id}`)
    .json({ id, flightId, kind, status, affected, settled, waiting, failed });
}

function changeOf(request: ScheduleChangeRequest) {
  switch (request.kind) {
    case 'cancelled':
      return { kind: request.kind };
    case 'moved':
      return {
        kind: request.kind,
        departureAt: new Date(request.departureAt),
        arrivalAt: new Date(request.arrivalAt),
      };
    default:
      throw new Error(`Bug: ${String(request satisfies never)} is no schedule change`);
  }
}

function problemOf(fault: ScheduleChangeFault): Problem {
  switch (fault) {
    case 'flight_departed':
      return new Problem('flight_departed', REFUSAL_TEXTS.hasDeparted);
    case 'already_cancelled':
      return new Problem('schedule_change_closed', REFUSAL_TEXTS.flightCancelled);
    case 'same_times':
      return invalidField('/departureAt', 'The flight has these times already.');
    case 'departure_in_the_past':
      return invalidField('/departureAt', 'A flight can’t be moved back in time.');
    case 'moved_too_far':
      return invalidField('/departureAt', 'A flight can be moved by 7 days at most.');
    case 'arrival_out_of_range':
      return invalidField('/arrivalAt', 'A flight lands after it departs, within 24 hours.');
    default:
      throw new Error(`Bug: ${String(fault satisfies never)} is no fault`);
  }
}
