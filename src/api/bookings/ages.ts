import type { Offer } from '../../db/flights/offer-view';
import { findAgeFault } from '../../domain/age';
import { localDateOf } from '../../domain/local-date';
import { Problem } from '../problem';
import type { CreateBookingRequest } from './schemas';

/**
 * Checks dates of birth against what passengers fly as, on the day of the last flight.
 *
 * @throws Problem `validation_failed`, with a pointer to each date that does not fit.
 */
export function requireFittingAges(
  { passengers }: CreateBookingRequest,
  slices: readonly (readonly Offer[])[],
): void {
  const last = slices.flat().at(-1);
  if (last === undefined) throw new Error('Bug: a booking has no flight');
  const day = localDateOf(last.departureAt, last.flight.origin.timeZone);
  const errors = passengers.flatMap(({ type, bornOn }, index) => {
    const detail = bornOn === undefined ? undefined : findAgeFault({ type, bornOn }, day);
    return detail === undefined ? [] : [{ pointer: `/passengers/${String(index)}/bornOn`, detail }];
  });
  if (errors.length > 0)
    throw new Problem('validation_failed', 'The request is not valid.', { errors });
}
