import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { send } from './processes';
import { passOn } from './ui-door';

/** Where it is unless another program has the port. */
export const DEFAULT_CONSOLE_PORT = 8026;

const Whose = z.strictObject({
  sub: z.string().min(1).max(255),
  scope: z.enum(['bookings', 'operator']),
});

type Whose = z.infer<typeof Whose>;

interface ConsoleDoor {
  apiPort: number;
  /** Names the worker that runs now. */
  workerPidFile: string;
  temporalUiUrl: string | null;
  /** Undefined where tokens come from elsewhere. */
  mintToken: ((whose: Whose) => Promise<string>) | undefined;
}

interface Answer {
  status: number;
  body?: unknown;
}

/** Of a token's owner and scope, which is all that is sent here. */
const MAX_BODY_BYTES = 4_096;

/**
 * The console and the API on an address of the local stack, which can also kill the worker and sign
 * someone in: for whoever tries the system out. It is no part of the API, and of no release.
 *
 * Pages of other sites can do neither. They can't read the secret of this start, which only a page
 * of this very address gets, and a name of theirs that leads here is refused.
 */
export async function openConsoleDoor(port: number, door: ConsoleDoor): Promise<http.Server> {
  const secret = randomBytes(32).toString('base64url');
  const server = http.createServer((req, res) => {
    if (req.url?.startsWith('/local/') !== true) {
      passOn(req, res, { port: door.apiPort });
      return;
    }
    answer(req, { ...door, port, secret }).then(
      ({ status, body }) => {
        res.writeHead(status, {
          'Content-Type': 'application/json',
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        });
        res.end(body === undefined ? '' : JSON.stringify(body));
      },
      () => res.writeHead(500).end(),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function answer(
  req: http.IncomingMessage,
  { port, secret, ...door }: ConsoleDoor & { port: number; secret: string },
): Promise<Answer> {
  const { host, origin } = req.headers;
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host ?? '')) return { status: 421 };
  const isSameOrigin =
    req.headers['sec-fetch-site'] === 'same-origin' &&
    (origin === undefined || origin === `http://${host ?? ''}`);
  if (!isSameOrigin) return { status: 403 };
  const request = `${req.method ?? ''} ${req.url ?? ''}`;
  if (request === 'GET /local/session')
    return { status: 200, body: { secret, temporalUiUrl: door.temporalUiUrl } };
  if (!isSecret(req.headers['x-local-secret'], secret)) return { status: 403 };
  // A browser names the origin of whatever changes something.
  if (req.method === 'POST' && origin === undefined) return { status: 403 };
  switch (request) {
    case 'POST /local/kill-worker':
      return killWorker(door.workerPidFile);
    case 'POST /local/token':
      return signIn(req, door.mintToken);
    default:
      return { status: 404 };
  }
}

function isSecret(given: string | string[] | undefined, secret: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Ends the worker as a crash would; the supervisor starts it again. */
function killWorker(pidFile: string): Answer {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`Bug: no process ID in ${pidFile}`);
  send('SIGKILL', pid);
  return { status: 202, body: { killed: pid } };
}

async function signIn(
  req: http.IncomingMessage,
  mintToken: ConsoleDoor['mintToken'],
): Promise<Answer> {
  if (mintToken === undefined) return { status: 404 };
  if (!(Number(req.headers['content-length']) <= MAX_BODY_BYTES)) return { status: 413 };
  const whose = Whose.safeParse(await json(req).catch(() => undefined));
  if (!whose.success) return { status: 400 };
  return { status: 201, body: { token: await mintToken(whose.data) } };
}
