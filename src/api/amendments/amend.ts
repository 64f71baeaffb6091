import { randomUUID } from 'node:crypto';
import type { UpdateDefinition } from '@temporalio/common';
import type { Response } from 'express';
import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import type { Db } from '../../db/connection';
import type { AmendmentRoute } from '../../db/idempotency/outcome';
import { findOutcome } from '../../db/idempotency/outcome-view';
import type { Booking } from '../../domain/booking';
import type { AmendmentRequest, AmendmentResult } from '../../temporal/contracts/amendment';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { Caller } from '../auth';
import { fingerprintOf, idOfKey, requireSameRequest } from '../idempotency';
import { replay, sendDecision } from '../outcomes';
import { unavailable, type Problem } from '../problem';

export interface Amending {
  db: Db;
  workflows: BookingWorkflows;
}

/** A change of a name or of seats that a caller asks for. */
export interface AmendmentOf<Content extends object> {
  caller: Caller;
  booking: Booking;
  content: Content;
  key: string | null;
}

type Request<Content> = Content & AmendmentRequest;

type AmendmentUpdate<Content extends object> = UpdateDefinition<
  AmendmentResult,
  [Request<Content>]
>;

interface Rules {
  /** Throws the Problem of what is certain to be refused, as the booking is now. */
  requirePossible: () => Promise<void>;
  /** The Problem of a booking that has ended meanwhile. */
  closed: () => Problem;
}

const NOT_KNOWN_WHETHER_AMENDED =
  'It is not known yet whether the booking was changed; send the same request again to learn.';

/**
 * Sends the booking as an amendment made it: what its key is bound to, or what is done now. What a key
 * is bound to counts, too, where the amendment would be refused by now.
 *
 * @throws Problem `idempotency_key_reused`; `erased` when what the key is bound to is no longer kept;
 * and as `carryOut` does.
 */
export async function sendAmended<Content extends object>(
  res: Response,
  deps: Amending,
  route: AmendmentRoute,
  amendment: AmendmentOf<Content>,
  carryOut: (deps: Amending, amendment: AmendmentOf<Content>) => Promise<Booking>,
): Promise<void> {
  const { caller, key } = amendment;
  const replayIfBound = async () => {
    if (key === null) return false;
    const outcome = await findOutcome(deps.db, { callerId: caller.id, route, key });
    if (outcome === undefined) return false;
    replay(res, outcome, fingerprintFor(amendment));
    return true;
  };
  if (await replayIfBound()) return;
  let amended: Booking;
  try {
    amended = await carryOut(deps, amendment);
  } catch (refusal) {
    // The same request may have been carried out since the first look.
    if (await replayIfBound()) return;
    throw refusal;
  }
  sendDecision(res, { kind: 'booking_amended', body: amended });
}

/**
 * Has the booking's workflow correct a name or move passengers, and returns the booking then. What is
 * certain to be refused is refused here, so that it costs the workflow nothing.
 *
 * Safe to retry. With a key the request waits for the same update of the workflow, and another run of
 * it finds what the key is bound to; without one, what is so already changes nothing.
 *
 * @throws Refused when the workflow refuses; Problem `idempotency_key_reused`, or as its rules do;
 * `service_unavailable` when it is unknown whether anything was changed.
 */
export async function amend<Content extends object>(
  deps: Amending,
  update: AmendmentUpdate<Content>,
  amendment: AmendmentOf<Content>,
  { requirePossible, closed }: Rules,
): Promise<Booking> {
  await requirePossible();
  const { db, workflows } = deps;
  const { caller, booking, content, key } = amendment;
  const fingerprint = fingerprintFor(amendment);
  const request = {
    ...content,
    requestedBy: caller.id,
    asOperator: caller.isOperator,
    fingerprint,
    ...(key === null ? {} : { idempotencyKey: key }),
  };
  const updateId = key === null ? randomUUID() : idOfKey(caller.id, 'amendments', key);
  const isSold = booking.status === 'booked';
  const sale = isSold ? await readSale(db, booking.id) : undefined;
  const outcome = await workflows.amend({ booking, sale }, update, {
    request,
    updateId: `${update.name}-${updateId}`,
  });
  switch (outcome.kind) {
    case 'completed':
      requireSameRequest(outcome.result, fingerprint);
      return outcome.result.booking;
    case 'closed': {
      const current = (await readBooking(db, booking.id))?.booking;
      if (current?.status === 'booked') throw unavailable(NOT_KNOWN_WHETHER_AMENDED);
      throw closed();
    }
    case 'no_result':
      throw unavailable(NOT_KNOWN_WHETHER_AMENDED);
    default:
      throw new Error(`Bug: an update is ${String(outcome satisfies never)}`);
  }
}

function fingerprintFor({ booking, content }: AmendmentOf<object>): string {
  return fingerprintOf({ bookingId: booking.id, ...content });
}
