import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { AttemptOutcome } from '../../domain/webhooks/delivery';
import type { SignedMessage } from './message';
import { isPublicAddress } from './public-address';
import { AddressNotAllowed, createLookup, HostNotFound, type ResolveOptions } from './resolve';

/** Sends one message to a URL. Never throws: what went wrong is the outcome. */
export type SendWebhook = (url: string, message: SignedMessage) => Promise<AttemptOutcome>;

export interface SenderOptions extends ResolveOptions {
  /** Until the status of the response, in milliseconds; all of it, from the look-up on. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** How much of a response is read: enough to use the connection again after a short one. */
const MAX_RESPONSE_BYTES = 1_024;

/** How long a response may take after its status, in milliseconds. */
const REST_MS = 1_000;

/** Connections that wait for the next message, of all receivers together. */
const MAX_IDLE_CONNECTIONS = 64;
const IDLE_MS = 15_000;

/**
 * Creates the sender of webhooks. It follows no redirect, sends no cookie and no credentials, reads
 * at most a kilobyte of a response and stores none of it.
 *
 * The address that it connects to is one that was checked: see {@link createLookup}.
 */
export function createWebhookSender(options: SenderOptions): SendWebhook {
  const lookup = createLookup(options);
  const kept = {
    keepAlive: true,
    maxFreeSockets: MAX_IDLE_CONNECTIONS,
    maxTotalSockets: Infinity,
    timeout: IDLE_MS,
  };
  const clients = {
    'http:': { request: http.request, agent: new http.Agent(kept) },
    'https:': { request: https.request, agent: new https.Agent(kept) },
  };

  async function post(url: URL, { body, headers }: SignedMessage, signal: AbortSignal) {
    const { request, agent } = clients[url.protocol as keyof typeof clients];
    return new Promise<IncomingMessage>((resolve, reject) => {
      const length = String(Buffer.byteLength(body));
      const req = request(
        url,
        {
          method: 'POST',
          agent,
          lookup,
          signal,
          headers: { ...headers, 'content-length': length },
        },
        resolve,
      );
      let isAnswered = false;
      req.once('response', () => (isAnswered = true));
      // A status as any other, 101: what would follow it is no HTTP, and nobody asked for it.
      req.once('upgrade', (response) => {
        isAnswered = true;
        response.destroy();
        resolve(response);
      });
      req.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed the connection while it was idle, and knows nothing of this message.
        const isStale = req.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
        if (isStale && !isAnswered) resolve(post(url, { body, headers }, signal));
        else reject(error);
      });
      // Whatever else happens to the connection, the attempt ends with it, and in time.
      const giveUp = () => {
        reject(new Error('No response'));
      };
      req.once('close', giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      req.end(body);
    });
  }

  return async (target, message) => {
    const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    try {
      const url = new URL(target);
      requireAllowedLiteral(url, options);
      const response = await post(url, message, signal);
      await finish(response);
      return outcomeOf(response.statusCode ?? 0);
    } catch (error) {
      return { status: 'failed', responseStatus: null, error: faultOf(error, signal) };
    }
  };
}

/** An address in the URL itself is looked up by nobody. */
function requireAllowedLiteral({ hostname }: URL, { allowPrivate }: ResolveOptions): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    throw new AddressNotAllowed(host);
}

/** Reads the rest of a response, or ends it when it is too long or takes too long. */
async function finish(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), REST_MS);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
  clearTimeout(timer);
}

function outcomeOf(responseStatus: number): AttemptOutcome {
  // Node takes any three digits; HTTP has no status below 100 (RFC 9110, section 15).
  if (responseStatus < 100)
    return { status: 'failed', responseStatus: null, error: 'connection_failed' };
  if (responseStatus >= 200 && responseStatus < 300) return { status: 'succeeded', responseStatus };
  const isRedirect = responseStatus >= 300 && responseStatus < 400;
  return { status: 'failed', responseStatus, error: isRedirect ? 'redirect' : 'http_status' };
}

function faultOf(error: unknown, signal: AbortSignal) {
  if (error instanceof AddressNotAllowed) return 'address_not_allowed';
  if (error instanceof HostNotFound) return 'host_not_found';
  return signal.aborted ? 'timeout' : 'connection_failed';
}
