import { TypedSearchAttributes } from '@temporalio/common';
import { readBooking } from '../../db/booking-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import { isCancellableAt } from '../../domain/cancellation';
import { cancellationCard } from '../../temporal/cards/bookings';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  FlightNumberAttribute,
} from '../../temporal/search-attributes';
import type { Caller } from '../auth';
import { Problem, unavailable } from '../problem';
import type { BookingWorkflows } from './workflow';

interface Deps {
  db: Db;
  workflows: BookingWorkflows;
}

const NOT_KNOWN_WHETHER_CANCELLED =
  'It is not known yet whether the booking was cancelled; send the same request again to learn.';

interface Cancellation {
  caller: Caller;
  booking: Booking;
  reason: string | undefined;
}

/**
 * Cancels a booking for its owner or an operator, and answers it as it is then; one that is cancelled already is answered as it is.
 *
 * Safe to retry: whoever comes second finds what the first brought about.
 *
 * @throws Problem `payment_in_progress`; `booking_not_cancellable` when its flight has departed.
 */
export async function cancelBooking(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { booking } = cancellation;
  if (booking.status === 'cancelled') return booking;
  if (booking.status === 'booked') return cancelSale(deps, cancellation);
  return (await cancelHold(deps, cancellation)) ?? (await cancelWhatBecameOfIt(deps, cancellation));
}

/** Answers undefined when the hold has ended meanwhile, or nobody answers for it. */
async function cancelHold(
  { workflows }: Deps,
  { caller, booking, reason }: Cancellation,
): Promise<Booking | undefined> {
  try {
    const answer = await workflows.cancel(booking.id, {
      requestedBy: caller.id,
      asOperator: caller.isOperator,
      ...(reason === undefined ? {} : { reason }),
    });
    return answer.kind === 'answered' ? answer.result : undefined;
  } catch (error) {
    // It was paid for in this very moment.
    if (error instanceof Problem && error.code === 'booking_not_cancellable') return undefined;
    throw error;
  }
}

async function cancelWhatBecameOfIt(deps: Deps, cancellation: Cancellation): Promise<Booking> {
  const { id } = cancellation.booking;
  const current = await readBooking(deps.db, id);
  // Its run was told to wait, and failed: there is nothing to cancel.
  if (current === undefined && (await deps.workflows.describe(id)) === undefined)
    throw new Problem('booking_not_found', 'There is no such booking.');
  switch (current?.booking.status) {
    case 'cancelled':
      return current.booking;
    case 'booked':
      return cancelSale(deps, { ...cancellation, booking: current.booking });
    default:
      throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  }
}

async function cancelSale(
  { workflows }: Deps,
  { caller, booking, reason }: Cancellation,
): Promise<Booking> {
  const { flight, reference } = booking;
  const departureAt = new Date(flight.departureAt);
  if (!isCancellableAt(departureAt, new Date()))
    throw new Problem('booking_not_cancellable', 'The flight has departed.');
  const request = {
    bookingId: booking.id,
    requestedBy: caller.id,
    asOperator: caller.isOperator,
    ...(reason === undefined ? {} : { reason }),
  };
  const answer = await workflows.cancelSale({
    request,
    searchAttributes: new TypedSearchAttributes([
      { key: BookingStatusAttribute, value: booking.status },
      { key: BookingReferenceAttribute, value: reference },
      { key: FlightNumberAttribute, value: flight.flightNumber },
      { key: DepartureTimeAttribute, value: departureAt },
    ]),
    card: cancellationCard(booking, request),
  });
  if (answer.kind !== 'answered') throw unavailable(NOT_KNOWN_WHETHER_CANCELLED);
  const { result } = answer;
  if (result.outcome === 'refused') throw new Problem(result.code, result.detail);
  return result.booking;
}
