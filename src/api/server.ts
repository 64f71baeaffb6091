import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../telemetry/logger';
import { problemDocument, type ProblemCode } from './problem';

/** Node's own limits, set explicitly so that an upgrade of Node can't change them unnoticed. */
const MAX_HEADERS_BYTES = 16 * 1024;
const MAX_HEADERS = 2_000;

/** Interval between checks for requests that are too slow. */
const CHECK_EVERY_MS = 5_000;

/**
 * A request may arrive as late as a connection is kept open, plus this margin. Bodies of admitted
 * requests have less time (`admission/slow-body.ts`): this is for what follows a refusal.
 */
const ARRIVAL_MARGIN_MS = 5_000;

/**
 * Time, in milliseconds, in which a client must take some of its response. No request is worked on
 * for as long without a byte sent.
 */
const STALLED_MS = 120_000;

/**
 * How many connections may be open. Each takes some 20 kB, so that all of them leave room in the
 * 768 MB that a container has. A refused request gives its connection back within milliseconds.
 */
const MAX_CONNECTIONS = 8_192;

/** Interval, in milliseconds, at which connections are freed while there are too many. */
const FREE_EVERY_MS = 1_000;

/**
 * Creates the HTTP server of an app. It keeps connections open for the given seconds: longer than a
 * load balancer does, so that none is closed just as the balancer uses it.
 *
 * What is not HTTP, or doesn't arrive in time, gets a problem document, and is logged.
 */
export function createApiServer(
  app: RequestListener,
  {
    keepAliveSeconds,
    maxConnections = MAX_CONNECTIONS,
  }: { keepAliveSeconds: number; maxConnections?: number },
  logger: Logger,
): Server {
  const keepAliveTimeout = keepAliveSeconds * 1_000;
  const arrivalTimeout = keepAliveTimeout + ARRIVAL_MARGIN_MS;
  const server = createServer(
    {
      keepAliveTimeout,
      headersTimeout: arrivalTimeout,
      requestTimeout: arrivalTimeout,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: MAX_HEADERS_BYTES,
    },
    app,
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.setTimeout(STALLED_MS);
  boundConnections(server, maxConnections, logger);
  const underWay = new WeakMap<Socket, { req: IncomingMessage; res: ServerResponse }>();
  server.prependListener('request', (req, res) => {
    underWay.set(req.socket, { req, res });
    res.once('close', () => underWay.delete(req.socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const current = underWay.get(socket);
    // A response that has begun, or belongs to another request, must not be mixed with this one.
    const isAnothers = current !== undefined && (current.req.complete || current.res.headersSent);
    if (error.code === 'ECONNRESET' || !socket.writable || isAnothers) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const { code, detail } = explain(error);
    const document = problemDocument(code, detail, {
      instance: `urn:flight-bookings:request:${requestId}`,
      requestId,
    });
    logger.info('Answered', {
      method: 'other',
      route: 'none',
      status: document.status,
      requestId,
      reason: error.code,
    });
    socket.write(rawResponse(document.status, requestId, JSON.stringify(document)));
    socket.destroySoon();
  });
  return server;
}

/**
 * Bounds the open connections. Past the bound a new one is closed at once, and idle ones are, too:
 * those who only keep connections must not keep out those who ask for something.
 *
 * Node's own bound counts the connections of each handle (`listen.ts`) by itself.
 */
function boundConnections(server: Server, maxConnections: number, logger: Logger): void {
  let open = 0;
  let closed = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
    if (open <= maxConnections) return;
    socket.destroy();
    closed += 1;
    if (closed > 1) return;
    server.closeIdleConnections();
    setTimeout(() => {
      logger.warn('Closed new connections: too many are open', { closed });
      closed = 0;
    }, FREE_EVERY_MS).unref();
  });
}

/** Returns what was wrong with bytes that Node's parser rejected. */
function explain({ code }: NodeJS.ErrnoException): { code: ProblemCode; detail: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers_too_large', detail: 'The URL and the headers are over 16 kB.' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { code: 'payload_too_large', detail: 'The extensions of a chunk are too large.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout', detail: 'The request did not arrive in time.' };
    case undefined:
    default:
      return { code: 'malformed_request', detail: 'This is not a valid HTTP request.' };
  }
}

function rawResponse(status: number, requestId: string, body: string): string {
  return [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? 'Error'}`,
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
