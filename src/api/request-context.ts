import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { currentLogContext, withLogContext, type Logger } from '../telemetry/logger';
import { whenAnswered } from './answered';
import { methodOf, routeOf } from './route-table';

/**
 * A client's own ID is kept if it is short and can't confuse a log: letters, digits, and a little
 * punctuation.
 */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Returns a request's ID: the client's, if it is valid, or a new one. */
export function newRequestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
}

/** Gives every request an ID. It is in the response and on each line logged meanwhile. */
export const requestContext: RequestHandler = (req, res, next) => {
  const requestId = newRequestId(req);
  res.locals.requestId = requestId;
  res.set('X-Request-Id', requestId);
  withLogContext({ requestId }, next);
};

export function requestIdOf(res: Response): string {
  return String(res.locals.requestId);
}

/**
 * Logs each response with its route, status and time in milliseconds. Paths are left out, since
 * they could hold anything.
 */
export function accessLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    // By the time the response is sent, the request's own context is no longer the current one.
    const context = currentLogContext();
    whenAnswered(res, () => {
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
