import { randomUUID } from 'node:crypto';
import type { UpdateDefinition } from '@temporalio/common';
import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import type { AmendmentResult } from '../../temporal/amendment-contracts';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { Caller } from '../auth';
import { fingerprintOf, idOfKey, requireSameRequest } from '../idempotency';
import { Problem, unavailable } from '../problem';

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

type Request<Content> = Content & {
  requestedBy: string;
  asOperator: boolean;
  fingerprint: string;
};

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
 * Has the booking's workflow correct a name or move passengers, and returns the booking then. What is
 * certain to be refused is refused here, so that it costs the workflow nothing: unless it was carried
 * out before, under the same key.
 *
 * Safe to retry. With a key the request waits for the same update of the workflow; without one, what
 * is so already changes nothing.
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
  try {
    await requirePossible();
  } catch (refusal) {
    if (!(refusal instanceof Problem)) throw refusal;
    const earlier = await findEarlier(deps, update, amendment);
    if (earlier === undefined) throw refusal;
    return earlier;
  }
  const { db, workflows } = deps;
  const { caller, booking, content } = amendment;
  const fingerprint = fingerprintFor(amendment);
  const request = {
    ...content,
    ...{ requestedBy: caller.id, asOperator: caller.isOperator, fingerprint },
  };
  const isSold = booking.status === 'booked';
  const sale = isSold ? await readSale(db, booking.id) : undefined;
  const outcome = await workflows.amend({ booking, sale }, update, {
    request,
    updateId: updateIdFor(update, amendment) ?? `${update.name}-${randomUUID()}`,
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

/**
 * Returns the booking as an earlier request with the same key made it; undefined when there was none,
 * as far as the booking's workflow knows.
 *
 * @throws Refused when the workflow refused that one; Problem `idempotency_key_reused`;
 * `service_unavailable` when nobody can say.
 */
export async function findEarlier<Content extends object>(
  { workflows }: Amending,
  update: AmendmentUpdate<Content>,
  amendment: AmendmentOf<Content>,
): Promise<Booking | undefined> {
  const updateId = updateIdFor(update, amendment);
  if (updateId === undefined) return undefined;
  const outcome = await workflows.findAmendment(amendment.booking.id, updateId);
  switch (outcome.kind) {
    case 'completed':
      requireSameRequest(outcome.result, fingerprintFor(amendment));
      return outcome.result.booking;
    case 'closed':
      return undefined;
    case 'no_result':
      throw unavailable(NOT_KNOWN_WHETHER_AMENDED);
    default:
      throw new Error(`Bug: an update is ${String(outcome satisfies never)}`);
  }
}

function fingerprintFor({ booking, content }: AmendmentOf<object>): string {
  return fingerprintOf({ bookingId: booking.id, ...content });
}

/** Undefined without a key: then each request is one of its own. */
function updateIdFor(
  { name }: { name: string },
  { caller, key }: AmendmentOf<object>,
): string | undefined {
  return key === null ? undefined : `${name}-${idOfKey(caller.id, 'amendments', key)}`;
}
