import type { Db } from '../connection';

/** How a pool's connections stand at this moment. */
export interface PoolUse {
  used: number;
  free: number;
  /**
   * Who waits for a connection: more than a moment of it means that the pool is too small, or
   * PostgreSQL too slow.
   */
  pending: number;
}

/** Counts a pool's connections; asks PostgreSQL nothing. */
export function readPoolUse(db: Db): PoolUse {
  const { pool } = db.client as { pool: Record<CountOfTarn, () => number> };
  return { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() };
}

/** What knex's pool can say of itself, which knex has no types for. */
type CountOfTarn = 'numUsed' | 'numFree' | 'numPendingAcquires';
