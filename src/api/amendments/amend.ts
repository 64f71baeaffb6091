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

type Request<Content> = Content & {
  requestedBy: string;
  asOperator: boolean;
  fingerprint: string;
};

const NOT_KNOWN_WHETHER_AMENDED =
  'It is not known yet whether the booking was changed; send the same request again to learn.';

/**
 * Has the booking's workflow correct a name or move passengers, and returns the booking then.
 *
 * Safe to retry. With a key the request waits for the same update of the workflow; without one, what
 * is so already changes nothing.
 *
 * @throws Refused when the workflow refuses; Problem `idempotency_key_reused`, or the one that
 * `closed` returns when the booking has ended meanwhile; `service_unavailable` when it is unknown
 * whether anything was changed.
 */
export async function amend<Content extends object>(
  { db, workflows }: Amending,
  update: UpdateDefinition<AmendmentResult, [Request<Content>]>,
  { caller, booking, content, key }: AmendmentOf<Content>,
  closed: () => Problem,
): Promise<Booking> {
  const fingerprint = fingerprintOf({ bookingId: booking.id, ...content });
  const id = key === null ? randomUUID() : idOfKey(caller.id, 'amendments', key);
  const request = {
    ...content,
    ...{ requestedBy: caller.id, asOperator: caller.isOperator, fingerprint },
  };
  const isSold = booking.status === 'booked';
  const sale = isSold ? await readSale(db, booking.id) : undefined;
  const outcome = await workflows.amend({ booking, sale }, update, {
    request,
    updateId: `${update.name}-${id}`,
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
