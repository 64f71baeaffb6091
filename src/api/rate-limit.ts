import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from './auth';
import { Problem } from './problem';

/**
 * Allows each caller so many requests a minute: by token, or by address where there is none.
 *
 * Counted in this process alone: with several API processes behind a balancer the limit is per process.
 */
export function rateLimit(requestsPerMinute: number): RequestHandler {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  return async (req, res, next) => {
    const caller = res.locals.caller as Caller | undefined;
    const key = caller === undefined ? `address:${req.ip ?? ''}` : `caller:${caller.id}`;
    try {
      await limiter.consume(key);
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      const retryAfterSeconds = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000));
      throw new Problem('rate_limited', 'Too many requests: slow down.', { retryAfterSeconds });
    }
    next();
  };
}
