import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  OPERATIONS,
  TokenWish,
  type AuditorLight,
  type LocalOperation,
  type OperationName,
} from './contract';
import { localDocument } from './document';

/** Below it are the stack's own controls; the API has no such path. */
export const LOCAL_PATH = '/local/';

/** What the console may have done by the local stack. */
export interface Controls {
  temporalUiUrl: string | null;
  /** What the auditor found last. */
  auditor: () => AuditorLight;
  /** Kills the worker as a crash would. Returns its process ID; undefined while there is none. */
  killWorker: () => number | undefined;
  /** Makes a token; undefined where tokens come from an issuer of someone else's. */
  token?: (wish: TokenWish) => Promise<string>;
}

interface Answer {
  status: number;
  body: object;
}

const refused = (status: number, title: string): Answer => ({ status, body: { title, status } });

/**
 * Answers what the console asks of the stack, and nobody else: requests that name this address, and
 * that a browser says to come from its own page. What acts needs the secret of this start, which the
 * session tells; no page of another origin can read it.
 */
export function answerLocally(port: number, controls: Controls) {
  const secret = randomBytes(24).toString('base64url');
  const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port}`);

  const isFromOurPage = ({ method, headers }: IncomingMessage): boolean => {
    const { host = '', origin } = headers;
    const isSameOrigin = headers['sec-fetch-site'] === 'same-origin';
    // Browsers say the origin with whatever may change something.
    const isOwnOrigin = method === 'GET' ? true : origin === `http://${host}`;
    return hosts.includes(host) && isSameOrigin && isOwnOrigin;
  };

  const handlers: Record<OperationName, (req: IncomingMessage) => Answer | Promise<Answer>> = {
    'GET /local/session': () => good({ secret, temporalUiUrl: controls.temporalUiUrl }),
    'GET /local/auditor': () => good(controls.auditor()),
    'POST /local/kill-worker': () => {
      const killed = controls.killWorker();
      return killed === undefined
        ? refused(409, 'There is no worker now: it is being started')
        : good({ killed }, 202);
    },
    'POST /local/token': (req) => makeToken(req, controls),
    'GET /local/openapi.json': () => good(localDocument()),
  };

  const decide = async (req: IncomingMessage): Promise<Answer> => {
    if (!isFromOurPage(req)) return refused(403, 'Only for the console on this address');
    const name = `${req.method ?? ''} ${req.url ?? ''}`;
    if (!isOperation(name)) return refused(404, 'The local stack has no such control');
    const { isGuarded }: LocalOperation = OPERATIONS[name];
    if (isGuarded && !isSame(req.headers['x-local-secret'], secret))
      return refused(403, 'Not this start’s secret');
    return await handlers[name](req);
  };

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { status, body } = await decide(req).catch(() => refused(500, 'The stack failed'));
    res.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    res.end(JSON.stringify(body));
  };
}

const good = (body: object, status = 200): Answer => ({ status, body });

const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

/** More than any wish for a token. */
const MAX_BODY_BYTES = 2_000;

async function makeToken(req: IncomingMessage, { token }: Controls): Promise<Answer> {
  if (token === undefined) return refused(409, 'Tokens come from the issuer of AUTH_JWKS_URL');
  if (!(Number(req.headers['content-length']) <= MAX_BODY_BYTES)) return refused(413, 'Too large');
  const wish = TokenWish.safeParse(parsed(await text(req)));
  if (!wish.success) return refused(400, 'Name sub and scope');
  return good({ token: await token(wish.data) }, 201);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isSame(given: string | string[] | undefined, secret: string): boolean {
  const [one, other] = [Buffer.from(String(given)), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
