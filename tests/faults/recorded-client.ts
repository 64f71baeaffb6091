import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationKind, Response } from './history/format';
import { recordedResponse, type HistoryWriter } from './history/write';

/** Longer than the API takes to say that it can't answer; a connection may be half open. */
const GIVES_UP_AFTER_MS = 15_000;

/** Longer than any fault lasts, with what comes after it. */
const INSISTS_FOR_MS = 90_000;

/** Between two sendings of the same request, unless the answer says how long. */
const PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 3_000;

export interface Asked {
  kind: OperationKind;
  method: 'GET' | 'POST' | 'PATCH' | 'SIGNAL';
  path: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}

/** What came back, as far as it did. */
export interface Reply<T = Record<string, unknown>> {
  status: number;
  body: T;
}

export type RecordedClient = ReturnType<typeof recordedClient>;

/** Someone who uses the API, and of whom every request and every answer is recorded. */
export function recordedClient(
  history: HistoryWriter,
  { client, url, token }: { client: number; url: string; token?: string },
) {
  const attempts = new Map<string, number>();

  /** Notes that something is done, does it, and notes what came of it. */
  async function record(
    asked: Asked,
    send: () => Promise<Response>,
  ): Promise<Response | undefined> {
    const { kind, method, path, body = null, key } = asked;
    const attempt = key === undefined ? 1 : (attempts.get(key) ?? 0) + 1;
    if (key !== undefined) attempts.set(key, attempt);
    const id = randomUUID();
    const request = { method, path, body };
    history.operation({
      event: 'sent',
      id,
      client,
      kind,
      attempt,
      request,
      ...(key === undefined ? {} : { key }),
    });
    try {
      const response = await send();
      history.operation({ event: 'answered', id, response });
      return response;
    } catch (error) {
      history.operation({ event: 'lost', id, error: whyOf(error) });
      return undefined;
    }
  }

  /** Sends a request once; returns undefined when no answer came, or only a part of one. */
  async function send<T>(
    asked: Asked,
    timeoutMs = GIVES_UP_AFTER_MS,
  ): Promise<Reply<T> | undefined> {
    const { method, path, body, key, headers } = asked;
    const response = await record(asked, async () => {
      const answer = await fetch(url + path, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return recordedResponse(
        answer.status,
        answer.headers,
        Buffer.from(await answer.arrayBuffer()),
      );
    });
    if (response === undefined) return undefined;
    return { status: response.status, body: parsed(response.body) as T };
  }

  return {
    client,
    send,
    record,

    /**
     * Sends the same request again until the answer is definite, as clients are told to. Returns
     * the last answer, definite or not; undefined if the last one was lost.
     */
    async insist<T>(asked: Asked): Promise<Reply<T> | undefined> {
      const until = performance.now() + INSISTS_FOR_MS;
      for (;;) {
        const reply = await send<T>(asked);
        if (reply !== undefined && isDefinite(asked, reply)) return reply;
        if (performance.now() > until) return reply;
        await sleep(Math.min(PAUSE_MS * (1 + Math.random()), LONGEST_PAUSE_MS));
      }
    },
  };
}

/** What says by 202 that the outcome is not known yet; others say that they have been heard. */
const UNDECIDED_BY_202: readonly OperationKind[] = ['book', 'pay', 'change'];

function isDefinite({ kind }: Asked, { status, body }: Reply<unknown>): boolean {
  const { retry } = (body ?? {}) as { retry?: string };
  if (status === 202) return !UNDECIDED_BY_202.includes(kind);
  return status !== 500 && !(status >= 400 && retry === 'same_key');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function whyOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return [message, cause?.code ?? cause?.message].filter(Boolean).join(': ');
}
