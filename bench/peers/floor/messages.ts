import { defineUpdate } from '@temporalio/workflow';

/** The messages of our own bookings, by their names; what they carry is next to nothing. */
export const awaitReservation = defineUpdate<{ status: 'pending' }>('awaitReservation');
export const makePayment = defineUpdate<{ status: 'captured' }, [{ amount: number }]>(
  'makePayment',
);

export const FLOOR_WORKFLOW = 'floorWorkflow';

export const floorWorkflowId = (bookingId: string) => `floor-${bookingId}`;

export interface FloorRequest {
  flightId: string;
}
