import { validate as isUuid } from 'uuid';
import { requireVisibleBooking } from '../../src/api/bookings/read';
import { createBookingWorkflows } from '../../src/api/bookings/workflow';
import { listBookings } from '../../src/db/booking-view';
import type { Booking } from '../../src/domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../src/temporal/contracts';
import { StackFailure } from '../stack/failure';
import type { OpsDesk } from './desk';

/** Whoever has this desk may see and do what an operator's token allows. */
export function asOperator(id: string) {
  return { id, isCustomer: false, isOperator: true };
}

/**
 * Finds a booking by its ID or its reference: in the database, or, while no worker has got to it, at Temporal.
 *
 * @throws StackFailure when there is none.
 */
export async function findBooking(desk: OpsDesk, idOrReference: string): Promise<Booking> {
  const id = isUuid(idOrReference) ? idOrReference : await findId(desk, idOrReference.toUpperCase());
  if (id === undefined) throw new StackFailure(`There is no booking ${idOrReference}.`);
  const { db, client, taskQueue } = desk;
  const workflows = createBookingWorkflows(client, taskQueue);
  const { booking } = await requireVisibleBooking({ db, workflows }, asOperator('ops'), id);
  return booking;
}

async function findId({ db, client }: OpsDesk, reference: string): Promise<string | undefined> {
  // Anything else is no reference, and doesn't get into a query.
  if (!/^[A-Z\d]{6}$/.test(reference)) return undefined;
  const [stored] = await listBookings(db, { customerId: null, reference, limit: 1 });
  if (stored !== undefined) return stored.id;
  const query = `WorkflowType = '${BOOKING_WORKFLOW}' AND BookingReference = '${reference}'`;
  for await (const { workflowId } of client.workflow.list({ query }))
    return workflowId.slice(bookingWorkflowId('').length);
  return undefined;
}
