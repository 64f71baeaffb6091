import type { Db } from '../../src/db/connection';

/**
 * Lets a transaction be idle for as long as the test's work takes: PostgreSQL ends one of ours after
 * a few seconds, and with it what it had locked.
 */
export async function letIdle(rival: Db): Promise<void> {
  await rival.raw('SET LOCAL idle_in_transaction_session_timeout = 0');
}
