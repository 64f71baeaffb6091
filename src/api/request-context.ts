import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { currentLogContext, withLogContext, type Logger } from '../telemetry/logger';
import { methodOf, routeOf } from './route-table';

/**
 * A client's own ID is kept when it is short and can't confuse a log: letters, digits, and a little
 * punctuation.
 */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Gives every request its ID: the client's, if it sent a sane one; it is in the answer and on each
 * line logged meanwhile.
 */
export const requestContext: RequestHandler = (req, res, next) => {
  const given = req.get('x-request-id');
  const requestId = given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID();
  res.locals.requestId = requestId;
  res.set('X-Request-Id', requestId);
  withLogContext({ requestId }, next);
};

export function requestIdOf(res: Response): string {
  return String(res.locals.requestId);
}

/**
 * Logs each answer with its route, status and time in milliseconds; paths stay out of it, since
 * they could hold anything.
 */
export function accessLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    // By the time that the answer is out, the request's own context is not the current one any
    // more.
    const context = currentLogContext();
    res.on('finish', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      logger.info('Answered', {
        method: methodOf(req),
        route: routeOf(req),
        status: res.statusCode,
        durationMs,
        ...context,
      });
    });
    next();
  };
}
