import type { Request, RequestHandler } from 'express';
import { findSessionOperator, makeSessionCode, openSession } from '../../db/access/codec-sessions';
import type { Db } from '../../db/connection';
import { callerOf, tokenExpiryOf, type Caller } from '../auth';
import { Problem } from '../problem';

/**
 * Cookie that holds the session, which no script can read. It is no token: it is valid for the
 * codec server only.
 */
const COOKIE = 'operator_session';

/**
 * Twelve hours, a long working day. The session ends with its operator's token if that is sooner.
 */
const MAX_SESSION_MS = 12 * 60 * 60 * 1000;

/**
 * Gives an authenticated operator a link that opens a session. The token stays in its header. The
 * link is worthless to someone who finds it later in a log, a history or a `Referer`.
 */
export function createSessionCode(db: Db): RequestHandler {
  return async (req, res) => {
    const latest = Date.now() + MAX_SESSION_MS;
    const sessionExpiresAt = new Date(Math.min(tokenExpiryOf(res).getTime(), latest));
    const { code, expiresAt } = await makeSessionCode(db, {
      operator: callerOf(res).id,
      sessionExpiresAt,
    });
    // The operator's browser reaches us at the address of this request.
    const url = `${req.protocol}://${req.host}${req.baseUrl}/session?code=${code}`;
    res.set('Cache-Control', 'no-store');
    res.status(201).json({ code, expiresAt: expiresAt.toISOString(), url });
  };
}

/**
 * Exchanges the code of a link for a session. Until the session ends or the browser is closed, this
 * browser may read payloads. Other sites can't use the session: the cookie is not sent for them.
 *
 * @throws Problem `unauthenticated` when the code was used, is older than a minute, or never
 * existed.
 */
export function exchangeSessionCode(db: Db, temporalUiUrl: string | undefined): RequestHandler {
  return async (req, res) => {
    res.set('Cache-Control', 'no-store');
    // Programs that preview a link before anyone opens it must not use it up.
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
 * Lets an operator through by a session, or else by `byToken`. Temporal's UI has no token to send
 * unless it has a login of its own: its browser sends the session.
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
