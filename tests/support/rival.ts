import type { Knex } from 'knex';
import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';
import { PATIENCE_MS } from './patience';

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

/** Waits until so many transactions, or more, wait for others. */
export async function untilWaiting(db: Db, count = 1): Promise<void> {
  await waitUntil(async () => (await waitingCount(db)) >= count, {
    timeoutMs: PATIENCE_MS,
    intervalMs: 10,
    onTimeout: () => new Error(`${count} transactions were to wait`),
  });
}

/** Returns whether `work` waits for others, once it does or has ended. Nothing else may wait. */
export async function isHeldUp(db: Db, work: Promise<unknown>): Promise<boolean> {
  let hasEnded = false;
  const end = () => (hasEnded = true);
  work.then(end, end);
  await waitUntil(async () => hasEnded || (await waitingCount(db)) > 0, {
    timeoutMs: PATIENCE_MS,
    intervalMs: 10,
    onTimeout: () => new Error('It neither ends nor waits'),
  });
  return !hasEnded;
}

async function waitingCount(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
}
