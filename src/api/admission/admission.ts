import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Middleware } from '../cors';
import { Problem } from '../problem';
import { ConcurrencyLimit, type Slot } from './concurrency-limit';
import { claimedBy } from './identity';
import { kindOf, WORK_KINDS, type WorkKind } from './kinds';
import { LEAST_LIMIT, OBJECTIVE_MS } from './next-limit';
import { overloadProblem, type Arrival } from './refusal';
import { sendPlainProblem } from './send-problem';
import { watchBody } from './slow-body';
import { whenEnded } from './when-ended';

/** Larger bodies of refused requests aren't read to their end: the connection is closed. */
const READ_TO_THE_END_BYTES = 100 * 1024;

/** What is in flight in this process, by kind of work. */
export type Limits = Record<WorkKind, ConcurrencyLimit>;

export function createLimits(): Limits {
  return byKind(
    (kind) => new ConcurrencyLimit({ objectiveMs: OBJECTIVE_MS[kind], least: LEAST_LIMIT }),
  );
}

interface Options {
  limits: Limits;
  onRefused: (kind: WorkKind) => void;
  /** Lets a page of another origin read a refusal, and when to come back. */
  crossOrigin: Middleware;
}

/**
 * Returns an app that gets a request only if fewer than its kind's limit are in flight. Others are
 * refused at once, before their token is checked, their caller's rate is counted, or their body is
 * parsed.
 *
 * A slot is taken until the work has ended, also when the client has gone. So clients that give up
 * and try again don't add up to more than the limit. A request whose body is slow gives its slot up
 * until the body has arrived. So those who stall keep nobody out; they have as many slots of their
 * own.
 */
export function admit(
  app: RequestListener,
  { limits, onRefused, crossOrigin }: Options,
): RequestListener {
  const stalled = byKind(() => 0);

  function refuse(req: IncomingMessage, res: ServerResponse, arrival: Arrival): void {
    onRefused(arrival.kind);
    crossOrigin(req, res, () => {
      void overloadProblem(req, arrival, limits[arrival.kind].state.meanMs).then((problem) => {
        sendPlainProblem(req, res, { path: arrival.path, problem });
      });
    });
  }

  return (req, res) => {
    const path = pathOf(req);
    const kind = kindOf(req.method ?? '', path);
    if (kind === undefined) {
      app(req, res);
      return;
    }
    const limit = limits[kind];
    const arrival = { kind, path, claimed: claimedBy(req, kind, path) };
    const { identity } = arrival.claimed;
    let slot: Slot | undefined = limit.acquire(identity);
    if (slot === undefined) {
      if (!isSmall(req)) res.setHeader('Connection', 'close');
      refuse(req, res, arrival);
      return;
    }

    const giveBack = (isSample: boolean) => {
      if (slot === undefined) stalled[kind] -= 1;
      else limit.release(slot, { isSample });
      slot = undefined;
    };
    const stopWatching = watchBody(req, {
      onSlow: () => {
        giveBack(false);
        stalled[kind] += 1;
        if (stalled[kind] <= LEAST_LIMIT) return;
        res.setHeader('Connection', 'close');
        refuse(req, res, arrival);
      },
      onArrived: () => {
        stalled[kind] -= 1;
        slot = limit.reacquire(identity);
      },
      onTooSlow: () => {
        res.setHeader('Connection', 'close');
        sendPlainProblem(req, res, { path, problem: TOO_SLOW });
      },
    });
    whenEnded(res, { isOverOnClose: kind === 'other' }, () => {
      stopWatching();
      giveBack(isWorkOf(res.statusCode));
    });
    app(req, res);
  };
}

const TOO_SLOW = new Problem('request_timeout', 'The request did not arrive in time.');

function byKind<T>(make: (kind: WorkKind) => T): Record<WorkKind, T> {
  return Object.fromEntries(WORK_KINDS.map((kind) => [kind, make(kind)])) as Record<WorkKind, T>;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** Whether a response came after the work, rather than instead of it: 4xx needs little of it. */
function isWorkOf(status: number): boolean {
  return status < 400 || status >= 500;
}

function isSmall({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return headers['transfer-encoding'] === undefined && length <= READ_TO_THE_END_BYTES;
}
