import { isDatabaseAway } from '../db/connection';
import { Unavailable, unavailable } from '../temporal/clients/unavailable';

/**
 * Reads something after work may have begun. When it can't be read, the problem says that the
 * outcome is not known, and how to learn it.
 *
 * @throws Unavailable with `detail` when PostgreSQL or Temporal is unavailable.
 */
export async function readUndecided<T>(detail: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Unavailable || isDatabaseAway(error)) throw unavailable(detail);
    throw error;
  }
}
