import { CancellationScope, condition, patched } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';
import { backgroundActivities, database } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { refundCancelled } from './refund-sale';
import type { Acceptance } from './schedule-changes';
import type { BookingStateMachine } from './state-machine';

/** What a booking does about the schedule changes of its flights. */

/** The mark of a booking that was found cancelled before it was paid for, and ends. */
const ENDS_AS_FOUND = 'ends-as-found';

/** The mark of a booking that was found sold, which its workflow had never heard of. */
const SOLD_AS_FOUND = 'sold-as-found';

/**
 * Reads what has changed, and cancels a booking that is not paid for: nobody has agreed to pay for
 * that. A payment that has begun meanwhile is finished first.
 *
 * A worker that was killed may have cancelled it, without recording that in the history. To cancel it
 * again changes nothing, and ends the workflow. It may have sold it, too: then its owner has the offer.
 */
export async function endIfUnpaid(booking: BookingStateMachine): Promise<void> {
  booking.scheduleChanges.isDue = false;
  const now = new Date().toISOString();
  const told = await booking.locally(database.tellOfScheduleChange(booking.request.bookingId, now));
  const isFoundCancelled = told.kind === 'settled' && told.booking.status === 'cancelled';
  const isFoundSold =
    told.kind !== 'unpaid' && told.booking.status === 'booked' && patched(SOLD_AS_FOUND);
  const ends = told.kind === 'unpaid' || (isFoundCancelled && patched(ENDS_AS_FOUND));
  if (!isFoundSold && !ends) return;
  // What becomes of the payment decides what is to be read then.
  if (booking.decision !== undefined) booking.scheduleChanges.isDue = true;
  else if (isFoundSold) takeUpSale(booking, told);
  else booking.decide({ kind: 'cancel', reason: 'flight_cancelled', actor: 'airline' });
}

type Told = Awaited<ReturnType<typeof database.tellOfScheduleChange>>;

/** Takes over that the booking is sold, and what is offered to its owner. */
function takeUpSale(booking: BookingStateMachine, told: Exclude<Told, { kind: 'unpaid' }>): void {
  booking.settleOffer(told.booking);
  booking.cancel(told.booking);
  if (told.kind === 'offered') booking.offer(told);
}

/** Reads what has changed, and offers it to the booking's owner. */
export async function offerScheduleChange(booking: BookingStateMachine): Promise<void> {
  // A schedule change that comes meanwhile is read again.
  booking.scheduleChanges.isDue = false;
  const now = new Date().toISOString();
  const told = await booking.locally(database.tellOfScheduleChange(booking.request.bookingId, now));
  switch (told.kind) {
    case 'offered':
      booking.offer(told);
      return;
    case 'settled':
      return settle(booking, told.booking);
    case 'unpaid':
      throw new Error('Bug: a sold booking is not paid for');
    default:
      throw new Error(`Bug: ${String(told satisfies never)} is no offer`);
  }
}

/**
 * Accepts the new times for a person, unless a rule forbids it.
 *
 * A worker that was killed may have accepted them and carried out a cancellation that came next,
 * without recording either in the history: then the booking is found cancelled.
 */
export async function accept(booking: BookingStateMachine, acceptance: Acceptance): Promise<void> {
  const { by, scheduleChangeId } = acceptance;
  const now = new Date().toISOString();
  let accepted: Booking;
  try {
    accepted = await booking.locally(
      database.acceptScheduleChange(booking.request.bookingId, {
        by,
        now,
        ...(scheduleChangeId === undefined ? {} : { scheduleChangeId }),
      }),
    );
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    acceptance.refusal = refusal;
    return;
  }
  acceptance.booking = accepted;
  booking.timeline.note(
    by.kind === 'airline'
      ? `Operator ${by.id} accepts the new times.`
      : 'The customer accepts the new times.',
  );
  return settle(booking, accepted);
}

/** Carries out what follows when nobody has responded in time. */
export async function closeOffer(booking: BookingStateMachine): Promise<void> {
  const closed = await tryToClose(booking);
  if (closed === undefined) return;
  switch (closed.kind) {
    case 'cancelled':
      booking.timeline.note('Nobody has responded in time: what was paid goes back.');
      booking.settleOffer(closed.sale.booking);
      if ('refund' in closed) booking.noteRefunds(closed.refund);
      else await refundCancelled(booking, closed.sale);
      return;
    case 'accepted':
      booking.timeline.note('Nobody has responded in time: the new times are accepted.');
      booking.settleOffer(closed.booking);
      return;
    case 'offered':
      booking.offer(closed);
      return;
    case 'settled':
      return settle(booking, closed.booking);
    default:
      throw new Error(`Bug: ${String(closed satisfies never)} is no outcome`);
  }
}

type Closed = Awaited<ReturnType<typeof close> | ReturnType<typeof conclude>>;

/** Returns undefined when something else is to be done first. */
async function tryToClose(booking: BookingStateMachine): Promise<Closed | undefined> {
  const { isClosedInBackground } = booking.scheduleChanges;
  try {
    return await (isClosedInBackground ? conclude(booking) : close(booking));
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined || !booking.learnFrom(refusal)) throw failure;
    return undefined;
  }
}

/** Carries it out inside the workflow task, as for offers that workers of earlier releases made. */
async function close(booking: BookingStateMachine) {
  const now = new Date().toISOString();
  return booking.locally(database.closeScheduleChange(booking.request.bookingId, now));
}

/**
 * Carries it out when its turn among the background work has come. Returns undefined when a person
 * has decided something meanwhile, which comes first.
 *
 * Then nothing was done, or it is unknown whether it was: a try under way has failed, or its worker
 * has died, and Temporal retries nothing that is to be cancelled. What the person has decided finds
 * in the database whether it was done.
 */
async function conclude(booking: BookingStateMachine) {
  const { bookingId } = booking.request;
  const turn = new CancellationScope();
  const now = new Date().toISOString();
  const outcome = turn
    .run(() => backgroundActivities().concludeScheduleChange(bookingId, now))
    .then(
      (closed) => ({ closed }),
      (failure: unknown) => ({ failure }),
    );
  let hasEnded = false as boolean;
  void outcome.then(() => {
    hasEnded = true;
  });
  await condition(() => hasEnded || booking.isAsked);
  const isInterrupted = !hasEnded;
  // Nothing is left to cancel of one that has ended.
  turn.cancel();
  const ended = await outcome;
  if ('closed' in ended) return ended.closed;
  if (isInterrupted) return undefined;
  throw ended.failure;
}

/** The mark of a booking that was found cancelled, and whose refunds were started then. */
const FOUND_CANCELLED = 'found-cancelled';

/**
 * Takes over that no offer stands. A worker that was killed may have cancelled the booking, without
 * recording that in the history: then its refunds are still to be started.
 */
async function settle(booking: BookingStateMachine, now: Booking): Promise<void> {
  const isFoundCancelled = now.status === 'cancelled' && booking.status === 'booked';
  if (!isFoundCancelled || !patched(FOUND_CANCELLED)) {
    booking.settleOffer(now);
    return;
  }
  const again = { bookingId: now.id, requestedBy: 'system', asOperator: false };
  const sale = await booking.locally(database.cancelSale(again, new Date().toISOString()));
  booking.settleOffer(sale.booking);
  return refundCancelled(booking, sale);
}
