import { dayOfLastFlight, type OfferedSlices } from '../../db/flights/offer-view';
import { findAgeFaults } from '../../domain/age';
import { Problem } from '../problem';
import type { CreateBookingRequest } from './schemas';

/**
 * Returns the refusal of dates of birth that don't fit what passengers fly as on the day of the last
 * flight, with a pointer to each; undefined if all fit.
 */
export function findUnfitAges(
  { passengers }: CreateBookingRequest,
  slices: OfferedSlices,
): Problem | undefined {
  const errors = findAgeFaults(passengers, dayOfLastFlight(slices)).map(
    ({ passenger, detail }) => ({ pointer: `/passengers/${String(passenger)}/bornOn`, detail }),
  );
  if (errors.length === 0) return undefined;
  return new Problem('validation_failed', 'The request is not valid.', { errors });
}
