import type { RequestHandler } from 'express';
import { Problem } from './problem';
import { methodsOf, routeOf } from './route-table';

/**
 * Lets a request through if its path takes its method, or is unknown. Responds to `OPTIONS`.
 *
 * @throws Problem `method_not_allowed`, with the methods in the header `Allow`.
 */
export const requireKnownMethod: RequestHandler = (req, res, next) => {
  const methods = methodsOf(req);
  if (methods === undefined || methods.has(req.method)) {
    next();
    return;
  }
  const allowed = [...methods, 'OPTIONS'].join(', ');
  res.set('Allow', allowed);
  if (req.method !== 'OPTIONS')
    throw new Problem('method_not_allowed', `${routeOf(req)} takes ${allowed}.`);
  res.status(204).end();
};
