import { workflowInfo } from '@temporalio/workflow';
import { awaitReservation, type ReservationResult } from '../../../temporal/contracts/booking';
import { receiveUpdate } from '../../messages/receive';
import type { BookingStateMachine } from '../state-machine';

/** Handles the update that returns the outcome of the reservation. */
export function receiveReservationRequests(booking: BookingStateMachine): void {
  receiveUpdate(awaitReservation, {
    takes: 0,
    description:
      'Not for people: sent by our API. Waits until seats are held or refused, and returns the outcome. Takes nothing.',
    handle: () => booking.reserved.promise.then((reservation) => withRun(booking, reservation)),
  });
}

/** Adds the run ID to a refusal that another run may not repeat. */
function withRun(booking: BookingStateMachine, reservation: ReservationResult): ReservationResult {
  if (reservation.outcome !== 'refused' || reservation.retryAt === undefined) return reservation;
  const { runId } = workflowInfo();
  const { startedBy } = booking.reservationRequest;
  return { ...reservation, run: { runId, ...(startedBy === undefined ? {} : { startedBy }) } };
}
