import type { RequestHandler } from 'express';

/**
 * Keeps a response out of every cache: the default, since most responses belong to one customer.
 */
export const notCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

/**
 * Lets clients cache a response that is the same for everyone, for the given seconds. A seat that
 * was sold meanwhile is refused at booking, like one that is sold between two searches. Problems
 * are not cached.
 */
export function cachedByClients(seconds: number): RequestHandler {
  return (_req, res, next) => {
    res.set('Cache-Control', `private, max-age=${String(seconds)}`);
    next();
  };
}
