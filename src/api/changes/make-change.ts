import type { Response } from 'express';
import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import { readChange } from '../../db/changes/change-view';
import { findQuote } from '../../db/changes/quotes';
import type { Db } from '../../db/connection';
import { findOutcome } from '../../db/idempotency/outcome-view';
import type { Booking } from '../../domain/booking';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { Change } from '../../domain/changes/change';
import type { ChangeResult } from '../../temporal/contracts/change';
import type { Caller } from '../auth';
import { fingerprintOf, idOfKey, requireSameRequest } from '../idempotency';
import { replay, sendDecision } from '../outcomes';
import { invalidField, Problem, unavailable } from '../problem';
import { readUndecided } from '../undecided';
import type { ChangeRequest } from './schemas';

/** The workflow may have the request, but no worker to handle it: then it is changed later. */
const NOT_KNOWN_WHETHER_CHANGED =
  'It is not known yet whether the booking was changed; send the same request with the same key to learn.';

interface Wanted {
  caller: Caller;
  booking: Booking;
  request: ChangeRequest;
  key: string;
}

/**
 * Changes a booking by a quote, and returns the completed change: 201. Returns 202 while the
 * provider, or the payer's bank, keeps us waiting, once the change is on record.
 *
 * Safe to retry with the same key: the outcome is read from the database, or the request waits for
 * the same update of the workflow.
 *
 * @throws Problem with the refusal's code; `payment_declined` too; `service_unavailable` when it is
 * unknown whether anything is on record.
 */
export async function makeChange(
  { db, workflows }: { db: Db; workflows: BookingWorkflows },
  { caller, booking, request, key }: Wanted,
  res: Response,
): Promise<void> {
  const { id: bookingId } = booking;
  const { quoteId, paymentMethod } = request;
  const changeId = idOfKey(caller.id, 'changes', key);
  const fingerprint = fingerprintOf({ bookingId, quoteId, paymentMethod });
  const replayIfBound = async () => {
    const outcome = await findOutcome(db, { callerId: caller.id, route: 'changes', key });
    if (outcome === undefined) return false;
    replay(res, outcome, fingerprint);
    return true;
  };
  if (await replayIfBound()) return;
  await requireMeans(db, { bookingId, request });
  const sale = await readSale(db, bookingId);
  if (booking.status !== 'booked' || sale === undefined) throw notChangeable();

  const update = await workflows.change(
    { booking, sale },
    {
      changeId,
      quoteId,
      fingerprint,
      requestedBy: caller.id,
      asOperator: caller.isOperator,
      idempotencyKey: key,
      ...(paymentMethod === undefined ? {} : { paymentMethod }),
    },
  );
  switch (update.kind) {
    case 'completed':
      await sendResult(res, update.result, { db, bookingId, fingerprint, replayIfBound });
      return;
    case 'closed':
      if (await replayIfBound()) return;
      if ((await readBooking(db, bookingId))?.booking.status === 'booked')
        throw unavailable(NOT_KNOWN_WHETHER_CHANGED);
      throw notChangeable();
    case 'no_result': {
      const notKnown = () => unavailable(NOT_KNOWN_WHETHER_CHANGED);
      const read = <T>(query: () => Promise<T>) => readUndecided(notKnown, query);
      if (await read(replayIfBound)) return;
      const change = await read(() => readChange(db, bookingId, changeId));
      if (change?.status !== 'pending') throw notKnown();
      sendPending(res, change);
      return;
    }
    default:
      throw new Error(`Bug: an update is ${String(update satisfies never)}`);
  }
}

/** @throws Problem `validation_failed` when something is to be paid, and nobody says by what. */
async function requireMeans(
  db: Db,
  { bookingId, request }: { bookingId: string; request: ChangeRequest },
): Promise<void> {
  const quote = await findQuote(db, bookingId, request.quoteId);
  if (quote === undefined || request.paymentMethod !== undefined) return;
  if (quote.newTotal.amount - quote.price.amount + quote.fee.amount > 0)
    throw invalidField('/paymentMethod', 'Something is to be paid: say by what.');
}

async function sendResult(
  res: Response,
  result: ChangeResult,
  known: {
    db: Db;
    bookingId: string;
    fingerprint: string;
    replayIfBound: () => Promise<boolean>;
  },
): Promise<void> {
  requireSameRequest(result, known.fingerprint);
  switch (result.outcome) {
    case 'completed':
      sendDecision(res, { kind: 'change_completed', body: result.change });
      return;
    case 'declined': {
      const { detail, declineCode } = result;
      const body = { code: 'payment_declined', detail, declineCode } as const;
      sendDecision(res, { kind: 'change_declined', body });
      return;
    }
    case 'action_required': {
      // The update's result stays so, whatever became of the change since. What it became is
      // looked up last: it may be decided between two reads.
      const change = await readChange(known.db, known.bookingId, result.changeId);
      if (change?.status !== 'pending') {
        if (await known.replayIfBound()) return;
        throw notChangeable();
      }
      const { nextAction } = result;
      const payment = change.payment && { ...change.payment, nextAction };
      sendPending(res, { ...change, payment });
      return;
    }
    default:
      throw new Error(`Bug: a change is ${String(result satisfies never)}`);
  }
}

function sendPending(res: Response, change: Change): void {
  const path = `/api/v1/bookings/${change.bookingId}/changes/${change.id}`;
  res.status(202).location(path).json(change);
}

function notChangeable(): Problem {
  return new Problem('booking_not_changeable', REFUSAL_TEXTS.notChangeable);
}
