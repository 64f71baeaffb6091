import type { RequestHandler } from 'express';

/** Keeps an answer out of every cache: the default, since most answers belong to one customer. */
export const notCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

/**
 * Lets the client itself keep what anyone may search for, for so many seconds. A seat that was sold
 * meanwhile is refused at booking, as one that is sold between two searches. Problems are not
 * cached.
 */
export function cachedByClients(seconds: number): RequestHandler {
  return (_req, res, next) => {
    res.set('Cache-Control', `private, max-age=${String(seconds)}`);
    next();
  };
}
