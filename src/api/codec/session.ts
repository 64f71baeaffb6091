import type { Request, RequestHandler } from 'express';
import { findSessionOperator, makeSessionCode, openSession } from '../../db/access/codec-sessions';
import type { Db } from '../../db/connection';
import { callerOf, tokenExpiryOf, type Caller } from '../auth';
import { Problem } from '../problem';

/**
 * Holds a session where no script can read it. It is no token: it opens nothing but the codec
 * server.
 */
const COOKIE = 'operator_session';

/** A working day; the session ends with its operator's token if that is sooner. */
const MAX_SESSION_MS = 12 * 60 * 60 * 1000;

/**
 * Gives an operator, who is known by now, a link that opens a session. The token stays in its
 * header: what is in the link is worth nothing to whoever finds it in a log, a history or a
 * `Referer` later.
 */
export function giveSessionCode(db: Db): RequestHandler {
  return async (req, res) => {
    const latest = Date.now() + MAX_SESSION_MS;
    const sessionExpiresAt = new Date(Math.min(tokenExpiryOf(res).getTime(), latest));
    const { code, expiresAt } = await makeSessionCode(db, {
      operator: callerOf(res).id,
      sessionExpiresAt,
    });
    // Where the operator has asked is where their browser finds us, too.
    const url = `${req.protocol}://${req.host}${req.baseUrl}/session?code=${code}`;
    res.set('Cache-Control', 'no-store');
    res.status(201).json({ code, expiresAt: expiresAt.toISOString(), url });
  };
}

/**
 * Exchanges the code of a link for a session: from then on this browser may read payloads until the
 * session ends or the browser is closed. Pages of other sites can't make use of it: the cookie is
 * not sent on their behalf.
 *
 * @throws Problem `unauthenticated` when the code was used, is older than a minute, or is none.
 */
export function exchangeSessionCode(db: Db, temporalUiUrl: string | undefined): RequestHandler {
  return async (req, res) => {
    res.set('Cache-Control', 'no-store');
    // Programs that look where a link leads, before anyone follows it, mustn't use it up.
    if (req.method === 'HEAD') {
      res.status(204).end();
      return;
    }
    const { code } = req.query;
    const session = typeof code === 'string' ? await openSession(db, code) : undefined;
    if (session === undefined)
      throw new Problem(
        'unauthenticated',
        'The link works once, within a minute. This one has been used, has expired, or has no code.',
      );
    res.cookie(COOKIE, session, {
      httpOnly: true,
      sameSite: 'strict',
      secure: req.secure,
      path: '/codec',
    });
    if (temporalUiUrl === undefined) res.status(204).end();
    else res.redirect(303, temporalUiUrl);
  };
}

/**
 * Lets an operator through by a session, or else by what `byToken` finds in the header. Temporal's
 * UI, unless it has a login of its own, has no token to send: its browser sends the session.
 */
export function bySessionOr(db: Db, byToken: RequestHandler): RequestHandler {
  return async (req, res, next) => {
    const session = req.get('authorization') === undefined ? sessionOf(req) : undefined;
    const operator = session === undefined ? undefined : await findSessionOperator(db, session);
    if (operator === undefined) {
      await byToken(req, res, next);
      return;
    }
    const caller: Caller = { id: operator, isCustomer: false, isOperator: true };
    res.locals.caller = caller;
    next();
  };
}

function sessionOf(req: Request): string | undefined {
  return (req.get('cookie') ?? '')
    .split('; ')
    .find((cookie) => cookie.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);
}
