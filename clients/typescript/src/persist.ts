import type { Repeat } from './repeats.ts';

/** An answer that is not of the API: of a proxy before it, or of another server. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer';

  constructor(
    readonly status: number,
    /** As it came. */
    readonly text: string,
  ) {
    super(`The answer, of status ${status}, is not one of the API`);
  }
}

export interface Persistence {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The bearer token, asked for before each attempt. */
  token: () => Promise<string | undefined>;
  /** Whether another token may come of asking again. */
  renewsToken: boolean;
  /** No attempt begins later than this after the first. */
  retryForMs: number;
  /** An attempt that takes longer is given up. */
  timeoutMs: number;
}

interface Sent {
  request: Request;
  repeat: Repeat;
  /** Whether a 202 is no outcome yet. */
  mayBeUndecided: boolean;
}

type Advice = 'final' | 'same_request' | 'new_token';

/** How an attempt has ended, and what may be sent next. */
type Ending = { advice: Advice; retryAfterMs: number } & (
  { response: Response } | { error: unknown }
);

/** The first pause; each further one is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** What a server or proxy says that could not answer this time. */
const PASSING_STATUSES = [408, 429, 500, 502, 503, 504];

/**
 * Sends a request until there is an outcome, and returns it.
 *
 * It is sent again, as it was, where the problem's `retry` is `same_key`, while a 202 says that
 * nothing is decided, and after a lost connection; never earlier than `Retry-After`. Pauses grow,
 * and are of random length: so clients don't come back all at once. Where the next attempt would be
 * too late, the last answer is returned at once.
 *
 * Safe, since what is sent again carries the same key, or changes nothing a second time; all else is
 * sent once.
 *
 * @throws UnexpectedAnswer when the last answer is not one of the API.
 * @throws TypeError when the API can't be reached, a `TimeoutError` when it doesn't answer, and the
 * signal's reason.
 */
export async function persist(sent: Sent, persistence: Persistence): Promise<Response> {
  const { request, repeat } = sent;
  const body = await request.text();
  const endsAt = performance.now() + persistence.retryForMs;
  let mayRenew = persistence.renewsToken;
  for (let attempt = 0; ; attempt += 1) {
    const ending = await attemptOnce({ ...sent, body }, persistence);
    request.signal.throwIfAborted();
    if (ending.advice === 'new_token' && mayRenew) {
      mayRenew = false;
      continue;
    }
    const pauseMs = pauseBefore(attempt, ending.retryAfterMs);
    const isOver = repeat === 'once' || performance.now() + pauseMs > endsAt;
    if (ending.advice !== 'same_request' || isOver) return outcomeOf(ending);
    await pause(pauseMs, request.signal);
  }
}

function outcomeOf(ending: Ending): Response {
  if ('error' in ending) throw ending.error;
  return ending.response;
}

async function attemptOnce(
  { request, body, mayBeUndecided }: Sent & { body: string },
  { fetch, token, timeoutMs }: Persistence,
): Promise<Ending> {
  const headers = new Headers(request.headers);
  const bearer = await token();
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers,
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
      ...(body === '' ? {} : { body }),
    });
    // Read to its end: a connection can also be lost in the middle of an answer.
    return endingOf(response, await response.text(), mayBeUndecided);
  } catch (error) {
    return { error, advice: 'same_request', retryAfterMs: 0 };
  }
}

function endingOf(response: Response, text: string, mayBeUndecided: boolean): Ending {
  const { status, statusText, headers } = response;
  const retryAfterMs = retryAfterOf(headers);
  const answer = text === '' && response.ok ? {} : parsed(text);
  if (answer === undefined) {
    const advice = PASSING_STATUSES.includes(status) ? 'same_request' : 'final';
    return { error: new UnexpectedAnswer(status, text), advice, retryAfterMs };
  }
  return {
    retryAfterMs,
    advice: adviceOf(status, answer, mayBeUndecided),
    response: new Response(text === '' ? null : text, { status, statusText, headers }),
  };
}

/** Returns the object that a text is in JSON; undefined where it is none. */
function parsed(text: string): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function adviceOf(
  status: number,
  answer: Partial<Record<string, unknown>>,
  mayBeUndecided: boolean,
): Advice {
  // With a next action it is the customer's turn: 3-D Secure.
  if (status === 202) return mayBeUndecided && !hasNextAction(answer) ? 'same_request' : 'final';
  if (status === 401) return 'new_token';
  return answer.retry === 'same_key' ? 'same_request' : 'final';
}

/** Returns whether a payment, or the one of a change, waits for what the customer's bank wants. */
function hasNextAction(answer: Partial<Record<string, unknown>>): boolean {
  const payment = answer.payment as { nextAction?: unknown } | null | undefined;
  return (answer.nextAction ?? payment?.nextAction ?? null) !== null;
}

/** Returns how long `Retry-After` asks to wait, in seconds or until a date. */
function retryAfterOf(headers: Headers): number {
  const value = headers.get('retry-after');
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function pauseBefore(attempt: number, retryAfterMs: number): number {
  const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return retryAfterMs + longestMs * (0.5 + Math.random() / 2);
}

/** Waits; the signal ends it early, and throws its reason. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
  signal.throwIfAborted();
}
