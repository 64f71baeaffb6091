import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Booking } from '../../domain/booking';
import { isCancellableAt, quoteCancellation } from '../../domain/cancellation';
import { isSameMoney, type Money } from '../../domain/money';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { CancellationRequest } from '../contracts/booking';
import type { BookingWorkflows } from './bookings';
import { RESULT_WITHIN_MS } from './execute-update';
import { Refused } from './refused';
import type { SoldBooking } from './restoration';
import { unavailable } from './unavailable';

interface Deps {
  workflows: BookingWorkflows;
  /** Reads a booking from the database; undefined when there is none. */
  readBooking: (id: string) => Promise<{ booking: Booking } | undefined>;
  /** Reads what a booking was sold for; undefined when it was never paid for. */
  readSale: (id: string) => Promise<SoldBooking | undefined>;
}

const NOT_KNOWN_WHETHER_CANCELLED =
  'It is not known yet whether the booking was cancelled; send the same request again to learn.';

interface Cancellation {
  caller: { id: string; isOperator: boolean };
  booking: Booking;
  /** The reason, in words that the booking's owner may read. */
  reason?: string | undefined;
  /** The operator's note for other operators. */
  note?: string | undefined;
  /** The amount that the caller expects to be refunded. */
  expectedRefund?: Money | undefined;
}

/** Returns the message with which a workflow is asked to cancel. */
function messageOf({ caller, reason, note, expectedRefund }: Cancellation): CancellationRequest {
  return {
    requestedBy: caller.id,
    asOperator: caller.isOperator,
    ...(reason === undefined ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
    ...(expectedRefund === undefined ? {} : { expectedRefund }),
  };
}

/**
 * Cancels a booking for its owner or an operator. Returns it cancelled; one that is cancelled
 * already is returned as it is.
 *
 * Safe to retry: a second request returns what the first one did.
 *
 * @throws Refused or Refusal `payment_in_progress`; `booking_not_cancellable` when its flight has
 * departed; `quote_changed` when another amount than the expected one would be refunded.
 */
export async function cancelBooking(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { booking } = cancellation;
  switch (booking.status) {
    case 'cancelled':
      await tellWhileMoneyIsOwed(deps, cancellation);
      return booking;
    case 'booked':
      return cancelBooked(deps, cancellation);
    case 'initiated':
    case 'pending':
      return (
        (await cancelHold(deps, cancellation)) ?? (await cancelWhatBecameOfIt(deps, cancellation))
      );
    default:
      throw new Error(`Bug: ${String(booking.status satisfies never)} is no status`);
  }
}

/** How long a booking's workflow may take to be told what the database has, in milliseconds. */
const TOLD_WITHIN_MS = 3_000;

/**
 * Lets the workflow of a booking know that it is cancelled, while money is to go back.
 *
 * Temporal can lose the workflow task of a cancellation together with the message that asked for it,
 * and what the task did in the database stays. The workflow then waits for the departure of a booked
 * booking. Reconciliation would find that within half an hour; whoever asks again need not wait for
 * it.
 */
async function tellWhileMoneyIsOwed(
  { workflows }: Deps,
  cancellation: Cancellation,
): Promise<void> {
  const { booking } = cancellation;
  if (booking.refund?.status !== 'pending') return;
  const { expectedRefund: _, ...message } = messageOf(explained(cancellation));
  await workflows
    .cancel(booking.id, message, {
      updateId: `cancellation-told-${randomUUID()}`,
      withinMs: TOLD_WITHIN_MS,
    })
    .catch((error: unknown) => {
      // Whatever it says, the booking is cancelled.
      if (!(error instanceof Refused)) throw error;
    });
}

/** Adds a note where an operator gave neither a reason nor a note: the update requires one. */
function explained(cancellation: Cancellation): Cancellation {
  const { caller, reason, note } = cancellation;
  if (!caller.isOperator || reason !== undefined || note !== undefined) return cancellation;
  return { ...cancellation, note: 'Requested through the API, without a reason.' };
}

/** Returns undefined when the hold has ended meanwhile, or its workflow gave no result. */
async function cancelHold(
  { workflows }: Deps,
  cancellation: Cancellation,
): Promise<Booking | undefined> {
  try {
    const answer = await workflows.cancel(
      cancellation.booking.id,
      messageOf(explained(cancellation)),
    );
    return answer.kind === 'completed' ? answer.result : undefined;
  } catch (error) {
    // It was paid for at the same moment.
    if (error instanceof Refused && error.code === 'booking_not_cancellable') return undefined;
    throw error;
  }
}

async function cancelWhatBecameOfIt(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { id } = cancellation.booking;
  const current = (await deps.readBooking(id))?.booking;
  if (current === undefined) {
    const isRunning = (await deps.workflows.describe(id)) !== undefined;
    // A reservation that was refused for now has failed: there is nothing to cancel.
    if (!isRunning) throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
    throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  }
  switch (current.status) {
    case 'cancelled':
      return current;
    case 'booked':
      return cancelBooked(deps, { ...cancellation, booking: current });
    case 'initiated':
    case 'pending':
      throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
    default:
      throw new Error(`Bug: ${String(current.status satisfies never)} is no status`);
  }
}

/** Pause between two tries while a run of an earlier release ends, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Cancels a booking that is paid for. What is certain to be refused is refused here: each refusal
 * by the workflow counts towards the number of updates that Temporal allows it.
 */
async function cancelBooked(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { booking, expectedRefund } = cancellation;
  const sale = await deps.readSale(booking.id);
  if (sale === undefined) throw new Error(`Bug: booking ${booking.id} is booked, and unpaid`);
  const at = new Date();
  if (!isCancellableAt(sale, at))
    throw new Refusal('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
  const quote = quoteCancellation(sale, { byOperator: cancellation.caller.isOperator, at });
  if (expectedRefund !== undefined && !isSameMoney(quote.refund, expectedRefund))
    throw new Refusal('quote_changed', REFUSAL_TEXTS.anotherQuote);
  const giveUpAt = at.getTime() + RESULT_WITHIN_MS;
  const updateId = `cancellation-${randomUUID()}`;
  const message = messageOf(explained(cancellation));
  for (let attempt = 0; ; attempt += 1) {
    const withinMs = giveUpAt - Date.now();
    const outcome = await deps.workflows
      .cancelSold({ booking, sale }, message, {
        updateId: `${updateId}-${String(attempt)}`,
        withinMs,
      })
      .catch(unlessAboutToEnd);
    if (outcome.kind === 'completed') return outcome.result;
    if (outcome.kind === 'no_result' || withinMs <= PAUSE_MS)
      throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
    // The run has ended: with the sale, as those of earlier releases do, or it was just cancelled.
    const current = (await deps.readBooking(booking.id))?.booking;
    if (current?.status === 'cancelled') return current;
    await wait(PAUSE_MS);
  }
}

/**
 * A run of an earlier release refuses to cancel what is paid for. It ends in a moment, and the next
 * run cancels it.
 */
function unlessAboutToEnd(error: unknown): { kind: 'closed' } {
  const isPaidFor =
    error instanceof Refused &&
    error.code === 'booking_not_cancellable' &&
    error.detail === REFUSAL_TEXTS.isPaidFor;
  if (isPaidFor) return { kind: 'closed' };
  throw error;
}
