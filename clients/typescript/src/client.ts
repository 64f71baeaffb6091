import createFetchClient from 'openapi-fetch';
import type { FlightBookings } from './calls.ts';
import { newIntent, type Intent } from './intent.ts';
import { persist, type Persistence } from './persist.ts';
import { mayBeUndecided, repeatOf } from './repeats.ts';
import type { paths } from './schema.ts';

export type { FlightBookings, Problem, ProblemCode, Schemas } from './calls.ts';
export { newIntent, type Intent } from './intent.ts';
export { UnexpectedAnswer } from './persist.ts';

export interface ClientOptions {
  /** Where the API is, such as `https://flights.example`. */
  baseUrl: string;
  /**
   * A bearer token, or what returns one: it is asked before each attempt, and once again after a
   * 401. Searching needs none.
   */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** For how long a request is sent again, from the first attempt on; 30 s, and 0 for never. */
  retryForMs?: number;
  /** How long one attempt may take; 15 s. The API itself takes at most 10. */
  timeoutMs?: number;
  /** What sends; the platform's own `fetch`, unless given. */
  fetch?: Persistence['fetch'];
}

/** A call as it is at run time: the types of `FlightBookings` are narrower. */
interface AnyOptions {
  intent?: Intent;
  headers?: Record<string, string>;
  [option: string]: unknown;
}

/**
 * Returns a client of the API.
 *
 * Nothing is thrown for a refusal: `data` or `error` is set, and `status` or `error.code` tells what
 * else is. Each request is sent until there is an outcome, or `retryForMs` have passed: a problem
 * that may be retried with the same key is, and an operation that takes a key always gets one, of
 * its intent or of its own.
 *
 * @throws TypeError from a request, when the API can't be reached; a `TimeoutError` when it doesn't
 * answer; `UnexpectedAnswer` when something else answers; the reason of the request's signal.
 */
export function createClient({
  baseUrl,
  token,
  retryForMs = 30_000,
  timeoutMs = 15_000,
  fetch = (url, init) => globalThis.fetch(url, init),
}: ClientOptions): FlightBookings {
  const persistence: Persistence = {
    fetch,
    retryForMs,
    timeoutMs,
    token: async () => (typeof token === 'function' ? token() : token),
    renewsToken: typeof token === 'function',
  };
  const http = createFetchClient<paths>({ baseUrl });
  // Its types are those of each operation; ours say the same, and more.
  const request = http.request as unknown as (
    method: string,
    path: string,
    options: object,
  ) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

  const call =
    (method: string) =>
    async (path: string, { intent, headers, ...options }: AnyOptions = {}) => {
      const repeat = repeatOf(method, path);
      const key =
        repeat === 'by_key' ? { 'x-idempotency-key': (intent ?? newIntent()).key } : undefined;
      const answer = await request(method, path, {
        ...options,
        headers: { ...headers, ...key },
        fetch: (sent: Request) =>
          persist(
            { request: sent, repeat, mayBeUndecided: mayBeUndecided(method, path) },
            persistence,
          ),
      });
      return { ...answer, status: answer.response.status };
    };
  return {
    GET: call('GET'),
    POST: call('POST'),
    PATCH: call('PATCH'),
    DELETE: call('DELETE'),
  } as unknown as FlightBookings;
}
