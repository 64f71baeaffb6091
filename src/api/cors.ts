import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';

/**
 * Response headers that pages of other origins may read, besides those that browsers always show.
 */
const EXPOSED_HEADERS = [
  'Location',
  'Retry-After',
  'Idempotent-Replayed',
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Allow',
];

const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'X-Idempotency-Key',
  'X-Request-Id',
  'traceparent',
];

/** How long a browser may cache the response to a preflight, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** A step before a request is handled, with Express or without. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

/**
 * Lets pages of these origins, and of no other, call the API. Preflights need no token.
 *
 * Cookies are not accepted: a page sends its token in a header, so that no other page can use it.
 */
export function allowOrigins(origins: readonly string[]): Middleware {
  const answer = cors({
    origin: origins.length === 0 ? false : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
  return (req, res, next) => {
    // The library would respond to any other `OPTIONS`, too, and without the methods of the path.
    if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] === undefined)
      next();
    else answer(req, res, next);
  };
}
