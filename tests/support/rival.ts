import type { Knex } from 'knex';
import type { Db } from '../../src/db/connection';

/**
 * Lets a transaction idle for as long as the test needs it: PostgreSQL ends one of ours after a few
 * seconds, and with it what it had locked.
 */
export async function letIdle(rival: Db): Promise<void> {
  await rival.raw('SET LOCAL idle_in_transaction_session_timeout = 0');
}

/** Begins a transaction of someone else, which may idle. The test ends it. */
export async function beginRival(db: Db): Promise<Knex.Transaction> {
  const rival = await db.transaction();
  await letIdle(rival);
  return rival;
}

/** Runs `work` while someone else holds what `take` has taken. It is given back, and undone, at the end. */
export async function whileRivalHolds<T>(
  db: Db,
  take: (rival: Db) => PromiseLike<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const rival = await beginRival(db);
  try {
    await take(rival);
    return await work();
  } finally {
    await rival.rollback();
  }
}
