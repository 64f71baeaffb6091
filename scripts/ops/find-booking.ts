import { validate as isUuid } from 'uuid';
import { createBookingWorkflows } from '../../src/api/bookings/booking-workflows';
import { listBookings, readBooking } from '../../src/db/bookings/booking-view';
import type { Booking } from '../../src/domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../src/temporal/contracts';
import { StackFailure } from '../stack/failure';
import type { OpsDesk } from './desk';

/**
 * Finds a booking by its ID or its reference: in the database, or, while no worker has got to it, at Temporal.
 *
 * @throws StackFailure when there is none.
 */
export async function findBooking(desk: OpsDesk, idOrReference: string): Promise<Booking> {
  const { db, client, taskQueue } = desk;
  const id = isUuid(idOrReference)
    ? idOrReference.toLowerCase()
    : await findId(desk, idOrReference.toUpperCase());
  const found =
    id === undefined
      ? undefined
      : ((await readBooking(db, id)) ??
        (await createBookingWorkflows(client, taskQueue).describe(id)));
  if (found === undefined) throw new StackFailure(`There is no booking ${idOrReference}.`);
  return found.booking;
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
