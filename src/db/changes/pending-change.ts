import type Changes from '../rows/public/Changes';
import type { Db } from '../connection';

/**
 * Reads a change under the lock of its booking, so that it is decided once.
 *
 * @throws when there is no such change.
 */
export async function lockChange(trx: Db, changeId: string): Promise<Changes> {
  const found = await trx('changes').where({ id: changeId }).first('booking_id');
  if (found === undefined) throw new Error(`Bug: change ${changeId} was never begun`);
  await trx('bookings').where({ id: found.booking_id }).forUpdate().first('id');
  const change = await trx('changes').where({ id: changeId }).first();
  if (change === undefined) throw new Error(`Bug: change ${changeId} is gone`);
  return change;
}
