import { validate as isUuid } from 'uuid';
import { listBookings, readBooking } from '../../db/bookings/booking-view';
import type { Booking } from '../../domain/booking';
import { createBookingWorkflows } from '../../temporal/clients/bookings';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../temporal/contracts/booking';
import { CommandFailure } from '../failure';
import type { System } from '../systems';

/**
 * Finds a booking by its ID or its reference: in the database, or, while no worker has run its
 * workflow, in Temporal.
 *
 * @throws CommandFailure when there is none.
 */
export async function findBooking(system: System, idOrReference: string): Promise<Booking> {
  const { db, client, taskQueue } = system;
  const id = isUuid(idOrReference)
    ? idOrReference.toLowerCase()
    : await findId(system, idOrReference.toUpperCase());
  const found =
    id === undefined
      ? undefined
      : ((await readBooking(db, id)) ??
        (await createBookingWorkflows(client, taskQueue).describe(id)));
  if (found === undefined) throw new CommandFailure(`There is no booking ${idOrReference}.`);
  return found.booking;
}

async function findId({ db, client }: System, reference: string): Promise<string | undefined> {
  // Anything else is not a reference, and must not get into a query.
  if (!/^[A-Z\d]{6}$/.test(reference)) return undefined;
  const [stored] = await listBookings(db, { customerId: null, reference, limit: 1 });
  if (stored !== undefined) return stored.id;
  const query = `WorkflowType = '${BOOKING_WORKFLOW}' AND BookingReference = '${reference}'`;
  for await (const { workflowId } of client.workflow.list({ query }))
    return workflowId.slice(bookingWorkflowId('').length);
  return undefined;
}
