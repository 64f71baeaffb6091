import { TypedSearchAttributes } from '@temporalio/common';
import { readBooking } from '../../db/bookings/booking-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import { isCancellableAt } from '../../domain/cancellation';
import type { Money } from '../../domain/money';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { cancellationText } from '../../temporal/operator-texts/bookings';
import type { CancellationRequest } from '../../temporal/contracts';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  FlightNumberAttribute,
} from '../../temporal/search-attributes';
import type { Caller } from '../auth';
import { Problem, unavailable } from '../problem';
import type { BookingWorkflows } from './booking-workflows';

interface Deps {
  db: Db;
  workflows: BookingWorkflows;
}

const NOT_KNOWN_WHETHER_CANCELLED =
  'It is not known yet whether the booking was cancelled; send the same request again to learn.';

interface Cancellation {
  caller: Caller;
  booking: Booking;
  /** Why, in words that the booking's owner may read. */
  reason?: string | undefined;
  /** What an operator notes about it. */
  note?: string | undefined;
  /** What is expected to go back. */
  expectedRefund?: Money | undefined;
}

/** What a workflow is told of a cancellation. */
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
 * Cancels a booking for its owner or an operator, and answers it as it is then; one that is cancelled already is answered as it is.
 *
 * Safe to retry: whoever comes second finds what the first brought about.
 *
 * @throws Problem `payment_in_progress`; `booking_not_cancellable` when its flight has departed; `quote_changed` when another
 * amount than the expected one would go back.
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

/** Answers undefined when the hold has ended meanwhile, or nobody answers for it. */
async function cancelHold(
  { workflows }: Deps,
  cancellation: Cancellation,
): Promise<Booking | undefined> {
  try {
    const answer = await workflows.cancelUnpaid(cancellation.booking.id, messageOf(cancellation));
    return answer.kind === 'completed' ? answer.result : undefined;
  } catch (error) {
    // It was paid for in this very moment.
    if (error instanceof Problem && error.code === 'booking_not_cancellable') return undefined;
    throw error;
  }
}

async function cancelWhatBecameOfIt(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { id } = cancellation.booking;
  const current = await readBooking(deps.db, id);
  if (current === undefined) {
    const isRunning = (await deps.workflows.describe(id)) !== undefined;
    // A run that was told to wait has failed: there is nothing to cancel.
    if (!isRunning) throw new Problem('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
    throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  }
  switch (current.booking.status) {
    case 'cancelled':
      return current.booking;
    case 'booked':
      return cancelBooked(deps, { ...cancellation, booking: current.booking });
    case 'initiated':
    case 'pending':
      throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
    default:
      throw new Error(`Bug: ${String(current.booking.status satisfies never)} is no status`);
  }
}

async function cancelBooked({ workflows }: Deps, cancellation: Cancellation): Promise<Booking> {
  const { booking } = cancellation;
  const { flight, reference } = booking;
  const departureAt = new Date(flight.departureAt);
  if (!isCancellableAt(departureAt, new Date()))
    throw new Problem('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
  const request = { bookingId: booking.id, ...messageOf(cancellation) };
  const answer = await workflows.cancelBooked({
    request,
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: booking.status },
      { key: BookingReferenceAttribute, value: reference },
      { key: FlightNumberAttribute, value: flight.flightNumber },
      { key: DepartureTimeAttribute, value: departureAt },
    ]),
    text: cancellationText(booking, request),
  });
  if (answer.kind !== 'completed') throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  const { result } = answer;
  if (result.outcome === 'refused') throw new Problem(result.code, result.detail);
  return result.booking;
}
