import type { RequestHandler } from 'express';

/** The headers that Temporal's UI sends. */
const HEADERS = 'Authorization, Authorization-Extras, Content-Type, X-Namespace';

/**
 * Lets pages of Temporal's UI, and of no other origin, send requests and read the responses, with
 * the operator's session.
 */
export function allowOrigin(temporalUiUrl: string | undefined): RequestHandler {
  const allowed = temporalUiUrl === undefined ? undefined : new URL(temporalUiUrl).origin;
  return (req, res, next) => {
    res.vary('Origin');
    if (allowed !== undefined && req.get('origin') === allowed) {
      res.set({
        'Access-Control-Allow-Origin': allowed,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': HEADERS,
      });
    }
    if (req.method === 'OPTIONS') res.status(204).end();
    else next();
  };
}
