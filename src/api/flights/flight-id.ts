import { z } from 'zod';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { Problem } from '../problem';

/**
 * Returns the flight's ID that a path names.
 *
 * @throws Problem `flight_not_found` when it is no ID.
 */
export function flightIdOf(id: unknown): string {
  const parsed = z.uuid().safeParse(id);
  if (!parsed.success) throw flightNotFound();
  return parsed.data.toLowerCase();
}

export function flightNotFound(): Problem {
  return new Problem('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
}
