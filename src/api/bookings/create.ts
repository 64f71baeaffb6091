import type { Response } from 'express';
import { findOwner } from '../../db/bookings/booking-view';
import { readBeforeCreation } from '../../db/bookings/creation-view';
import type { Db } from '../../db/connection';
import { findOutcome } from '../../db/idempotency/outcome-view';
import { addLogContext } from '../../telemetry/logger';
import { bookingStart } from '../../temporal/clients/booking-start';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import { RESULT_WITHIN_MS } from '../../temporal/clients/execute-update';
import { bookingWorkflowId, type ReservationResult } from '../../temporal/contracts/booking';
import type { Turns } from '../admission/turns';
import type { Caller } from '../auth';
import { fingerprintOf, requireSameRequest } from '../idempotency';
import { locationOf, replay, sendDecision } from '../outcomes';
import { nameBooking, Problem, secondsUntil, unavailable } from '../problem';
import { readUndecided } from '../undecided';
import { toBookingRequest } from './booking-request';
import { bookingIdOf, meaningOfKey } from './key';
import { wantedFlights } from './request-faults';
import type { CreateBookingRequest } from './schemas';
import { seenMeanwhile } from './seen-meanwhile';
import { findRefusal, offeredSlices } from './wanted-flights';

export interface CreateBooking {
  caller: Caller;
  request: CreateBookingRequest;
  key: string | null;
}

export interface BookingCreation {
  db: Db;
  workflows: BookingWorkflows;
  /** Only as many reservations are under way at Temporal as it can do in good time. */
  reservations: Turns;
}

/**
 * How long a reservation waits for its turn at most, in milliseconds. In what is left of the time
 * for its result it is made, or at least begun: then the client gets 202.
 */
const TURN_WITHIN_MS = 7_000;

/**
 * Creates a booking and returns it once its seats are held: 201. Returns 202 when its workflow
 * exists but has given no result in time.
 *
 * Safe to retry with the same key: it finds the outcome in the database, or the workflow by its ID.
 *
 * @throws Problem with the refusal's code; `service_unavailable` when not even the workflow is
 * certain to exist.
 */
export async function createBooking(
  { db, workflows, reservations }: BookingCreation,
  { caller, request, key }: CreateBooking,
  res: Response,
): Promise<void> {
  const fingerprint = fingerprintOf(request);
  const keyedId = bookingIdOf(caller.id, key);
  // An earlier request with this key may have made it.
  if (key !== null) nameBooking(res, keyedId, 'undecided');
  const view = await readBeforeCreation(db, {
    callerId: caller.id,
    key,
    flightIds: wantedFlights(request).flat(),
    cabin: request.cabin,
    seatNumbers: request.passengers.flatMap(({ seatNumber, seats = [] }) =>
      [seatNumber, ...seats.map((seat) => seat.seatNumber)].filter((seat) => seat !== undefined),
    ),
  });
  const { bookingId, bound } = meaningOfKey(keyedId, view.outcome);
  const findBound = async () => {
    if (key === null) return undefined;
    const outcome = await findOutcome(db, { callerId: caller.id, route: 'bookings', key });
    return meaningOfKey(keyedId, outcome).bound;
  };
  addLogContext({ workflowId: bookingWorkflowId(bookingId) });
  if (key !== null) nameBooking(res, bookingId, 'undecided');
  if (bound !== undefined) {
    nameBooking(res, bookingId);
    replay(res, bound, fingerprint);
    return;
  }

  const slices = await offeredSlices(db, request, view);
  const refusal = findRefusal(request, slices, view);
  if (refusal !== undefined && !(await isKnown({ db, workflows }, bookingId, key))) throw refusal;

  nameBooking(res, bookingId);
  const accepted = toBookingRequest({ bookingId, fingerprint, caller, request, key });
  const start = bookingStart(accepted, slices);
  const notKnown = () => unavailable(key === null ? NOT_KNOWN_AND_NO_KEY : NOT_KNOWN_WHETHER_MADE);
  const giveUpAt = Date.now() + RESULT_WITHIN_MS;
  const turn = { identity: bookingId, withinMs: TURN_WITHIN_MS };
  const { update, seen } = await reservations.take(turn, async () => {
    const withinMs = giveUpAt - Date.now();
    const reservation = workflows.reserve(start, { withinMs });
    const seen = seenMeanwhile(reservation, () => workflows.describe(bookingId), withinMs);
    return { update: await reservation, seen };
  });
  switch (update.kind) {
    case 'completed':
      sendReservation(res, update.result, fingerprint);
      return;
    case 'closed': {
      // The key's workflow ended before this request reached it: its outcome is in the database.
      const outcome = await readUndecided(notKnown, findBound);
      if (outcome === undefined) throw notKnown();
      replay(res, outcome, fingerprint);
      return;
    }
    case 'no_result': {
      // The seats may have been held, or refused, while the result was on its way.
      const outcome = await readUndecided(notKnown, findBound);
      if (outcome !== undefined) {
        replay(res, outcome, fingerprint);
        return;
      }
      const memo = await readUndecided(
        notKnown,
        async () => (await seen) ?? (await workflows.describe(bookingId)),
      );
      if (memo === undefined) throw notKnown();
      requireSameRequest(memo, fingerprint);
      res.status(202).location(locationOf(memo.booking)).json(memo.booking);
      return;
    }
    default:
      throw new Error(`Bug: ${String(update satisfies never)} is no answer`);
  }
}

const NOT_KNOWN_WHETHER_MADE =
  'It is not known yet whether the booking was made; send the same request with the same key to learn.';

const NOT_KNOWN_AND_NO_KEY =
  'It is not known yet whether the booking was made; read it by its bookingId to learn. ' +
  'No key was sent: the same request again would make another booking.';

/** The workflow has reported this: it undid whatever it had done. */
const NOT_RESERVED =
  'The seats could not be reserved, and the booking was cancelled. Another key makes another booking.';

function sendReservation(res: Response, result: ReservationResult, fingerprint: string): void {
  // The request that started the workflow may have been another one under the same key.
  requireSameRequest(result, fingerprint);
  switch (result.outcome) {
    case 'held':
      sendDecision(res, { kind: 'booking_created', body: result.booking });
      return;
    case 'refused':
      throw refusalOf(result);
    case 'failed':
      throw new Problem('service_unavailable', NOT_RESERVED, { retry: 'new_key' });
    default:
      throw new Error(`Bug: a reservation is ${String(result satisfies never)}`);
  }
}

function refusalOf({
  code,
  detail,
  retryAt,
}: Extract<ReservationResult, { outcome: 'refused' }>): Problem {
  if (retryAt === undefined) return new Problem(code, detail);
  return new Problem(code, detail, { retryAfterSeconds: secondsUntil(retryAt) });
}

/**
 * Whether the key's own booking exists. Checked after the flights: another request with the same key
 * may just have taken the last seat, or have come before a flight was moved. Then both must get the
 * same response.
 */
async function isKnown(
  { db, workflows }: { db: Db; workflows: BookingWorkflows },
  bookingId: string,
  key: string | null,
): Promise<boolean> {
  if (key === null) return false;
  if ((await findOwner(db, bookingId)) !== undefined) return true;
  return (await workflows.describe(bookingId)) !== undefined;
}
