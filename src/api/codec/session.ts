import type { Request, RequestHandler } from 'express';

/** Holds an operator's token where no script can read it. */
const COOKIE = 'operator_session';

/** Takes the token from elsewhere, if it is not in the header: the one place where {@link authenticate} looks. */
function asBearer(find: (req: Request) => string | undefined): RequestHandler {
  return (req, _res, next) => {
    const token = find(req);
    if (token !== undefined) req.headers.authorization ??= `Bearer ${token}`;
    next();
  };
}

/** A link can't carry a header. */
export const tokenInLink = asBearer(({ query: { token } }) =>
  typeof token === 'string' ? token : undefined,
);

/** Temporal's UI, unless it has a login of its own, has no token to send: its browser sends the session. */
export const tokenInSession = asBearer((req) =>
  (req.get('cookie') ?? '')
    .split('; ')
    .find((cookie) => cookie.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1),
);

/**
 * Lets the browser of an operator, who is known by now, read payloads until the token expires or the browser is closed. Pages of other sites can't
 * make use of it: the cookie is not sent on their behalf.
 */
export function openSession(temporalUiUrl: string | undefined): RequestHandler {
  return (req, res) => {
    const [, token = ''] = (req.get('authorization') ?? '').split(/ +/);
    res.cookie(COOKIE, token, {
      httpOnly: true,
      sameSite: 'strict',
      secure: req.secure,
      path: '/codec',
    });
    res.set('Cache-Control', 'no-store');
    if (temporalUiUrl === undefined) res.status(204).end();
    else res.redirect(303, temporalUiUrl);
  };
}
