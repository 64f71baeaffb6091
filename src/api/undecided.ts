import { isDatabaseAway } from '../db/connection';
import { Unavailable } from '../temporal/clients/unavailable';
import type { Problem } from './problem';

/**
 * Reads something after work may have begun. When it can't be read, the problem says that the
 * outcome is not known, and how to learn it.
 *
 * @throws What `notKnown` returns, when PostgreSQL or Temporal is unavailable.
 */
export async function readUndecided<T>(
  notKnown: () => Problem,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Unavailable || isDatabaseAway(error)) throw notKnown();
    throw error;
  }
}
