import { dayOfLastFlight, type OfferedSlices } from '../../db/flights/offer-view';
import { findAgeFaults } from '../../domain/age';
import { Problem } from '../problem';
import type { CreateBookingRequest } from './schemas';

/**
 * Checks dates of birth against what passengers fly as, on the day of the last flight.
 *
 * @throws Problem `validation_failed`, with a pointer to each date that does not fit.
 */
export function requireFittingAges(
  { passengers }: CreateBookingRequest,
  slices: OfferedSlices,
): void {
  const errors = findAgeFaults(passengers, dayOfLastFlight(slices)).map(
    ({ passenger, detail }) => ({ pointer: `/passengers/${String(passenger)}/bornOn`, detail }),
  );
  if (errors.length > 0)
    throw new Problem('validation_failed', 'The request is not valid.', { errors });
}
