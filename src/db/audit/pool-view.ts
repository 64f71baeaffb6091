import type { Db } from '../connection';

/** The connections of a pool at this moment. */
export interface PoolUse {
  used: number;
  free: number;
  /**
   * Requests that wait for a connection. If they last, the pool is too small, or PostgreSQL too
   * slow.
   */
  pending: number;
}

/** Counts a pool's connections, without a query. */
export function readPoolUse(db: Db): PoolUse {
  const { pool } = db.client as { pool: Record<CountOfTarn, () => number> };
  return { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() };
}

/** Counters of knex's pool, which knex has no types for. */
type CountOfTarn = 'numUsed' | 'numFree' | 'numPendingAcquires';
