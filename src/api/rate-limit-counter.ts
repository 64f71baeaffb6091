import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import type { Db } from '../db/connection';

/** The count of a caller's current window, including what was just added. */
export interface Counted {
  points: number;
  /** In milliseconds since 1970. */
  endsAt: number;
}

/** Adds to a caller's count of requests. */
export type CountRequests = (key: string, requests: number) => Promise<Counted>;

/**
 * Timeout in milliseconds: longer than PostgreSQL takes for a row, shorter than a client notices.
 */
const TIMEOUT_MS = 300;

/**
 * Counts requests in PostgreSQL, for all API processes. Never fails: while PostgreSQL is
 * unavailable, or slower than {@link TIMEOUT_MS}, this process counts alone.
 */
export function createRequestCounter(
  db: Db,
  { points, seconds }: { points: number; seconds: number },
): CountRequests {
  const window = { points, duration: seconds, keyPrefix: '' };
  const limiter = new RLWrapperTimeouts({
    limiter: new RateLimiterPostgres({
      ...window,
      storeClient: db,
      storeType: 'knex',
      tableName: 'rate_limits',
      tableCreated: true,
    }),
    timeoutMs: TIMEOUT_MS,
    insuranceLimiter: new RateLimiterMemory(window),
  });
  return async (key, requests) => {
    const { consumedPoints, msBeforeNext } = await limiter.consume(key, requests).catch(asCounted);
    return { points: consumedPoints, endsAt: Date.now() + msBeforeNext };
  };
}

/** The library rejects with the same counts when there are more than the limit. */
function asCounted(rejection: unknown): RateLimiterRes {
  if (rejection instanceof RateLimiterRes) return rejection;
  throw rejection;
}
