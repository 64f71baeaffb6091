import { TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import { isCancellableAt } from '../../domain/cancellation';
import { flightNumbersOf } from '../../domain/itinerary';
import type { Money } from '../../domain/money';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { CancellationRequest } from '../contracts';
import { flightNumberAttributes } from '../flight-numbers';
import { cancellationText } from '../operator-texts/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
} from '../search-attributes';
import type { BookingWorkflows } from './bookings';
import { Refused } from './refused';
import { unavailable } from './unavailable';

interface Deps {
  workflows: BookingWorkflows;
  /** Reads a booking from the database; undefined when there is none. */
  readBooking: (id: string) => Promise<{ booking: Booking } | undefined>;
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

async function cancelBooked({ workflows }: Deps, cancellation: Cancellation): Promise<Booking> {
  const { booking } = cancellation;
  const { flight, reference } = booking;
  const departureAt = new Date(flight.departureAt);
  if (!isCancellableAt(departureAt, new Date()))
    throw new Refusal('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
  const request = { bookingId: booking.id, ...messageOf(cancellation) };
  const answer = await workflows.startCancellation({
    request,
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: booking.status },
      { key: BookingReferenceAttribute, value: reference },
      ...flightNumberAttributes(flightNumbersOf(booking)),
      { key: DepartureTimeAttribute, value: departureAt },
    ]),
    text: cancellationText(booking, request),
  });
  if (answer.kind !== 'completed') throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  const { result } = answer;
  if (result.outcome === 'refused') throw new Refusal(result.code, result.detail);
  return result.booking;
}
