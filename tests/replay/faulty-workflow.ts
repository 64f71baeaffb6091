import { sleep } from '@temporalio/workflow';
import type { BookingOutcome, BookingRequest } from '../../src/temporal/contracts';
import { bookingWorkflow as sellBooking } from '../../src/workflows';

/** A change that running bookings would not survive: it waits where they have not waited. */
export async function bookingWorkflow(request: BookingRequest): Promise<BookingOutcome> {
  await sleep('1s');
  return sellBooking(request);
}
