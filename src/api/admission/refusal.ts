import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { bookingIdOf } from '../bookings/key';
import { Problem } from '../problem';
import type { Claimed } from './identity';
import type { WorkKind } from './kinds';
import { readSmallBody } from './small-body';

/** The longest that a refused client is asked to wait, in seconds; without the jitter. */
const LONGEST_WAIT_SECONDS = 5;

/**
 * Returns when a refused client should come back: once those that are in flight have probably
 * ended, and at most twice as late, so that not all come back at the same moment.
 *
 * @param random - From 0 to 1, without 1.
 */
function retryAfterSeconds(meanMs: number, random: number): number {
  const seconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(meanMs / 1_000)));
  return seconds + Math.floor(random * (seconds + 1));
}

/** A request that has arrived: its kind, its path without the query, and what it claims. */
export interface Arrival {
  kind: WorkKind;
  path: string;
  claimed: Claimed;
}

/**
 * Returns the problem of a request past its kind's limit. Nothing of it was begun.
 *
 * An earlier request with the same key may have begun something. The problem then says so, and
 * names the booking, if it can be known without I/O.
 */
export async function overloadProblem(
  req: IncomingMessage,
  { kind, path, claimed: { callerId, key } }: Arrival,
  meanMs: number,
): Promise<Problem> {
  const more = { retryAfterSeconds: retryAfterSeconds(meanMs, Math.random()) };
  switch (kind) {
    case 'create': {
      if (key === null) return new Problem('service_unavailable', NOT_BEGUN, more);
      const bookingId = callerId === undefined ? undefined : bookingIdOf(callerId, key);
      return new Problem('service_unavailable', MADE_EARLIER, { ...more, bookingId });
    }
    case 'pay': {
      const bookingId = await bookingIdInBody(req);
      return new Problem('service_unavailable', PAID_EARLIER, { ...more, bookingId });
    }
    case 'write':
    case 'read': {
      const bookingId = bookingIdIn(path);
      const detail = key === null ? NOT_BEGUN : CHANGED_EARLIER;
      return new Problem('service_unavailable', detail, { ...more, bookingId });
    }
    case 'search':
    case 'event':
    case 'other':
      return new Problem('service_unavailable', NOT_BEGUN, more);
    default:
      throw new Error(`Bug: ${String(kind satisfies never)} is no kind of work`);
  }
}

const NOT_BEGUN = 'Too many requests are under way: this one was not begun. Send it again later.';

const MADE_EARLIER =
  'It is not known yet whether an earlier request with this key made the booking; send the same ' +
  'request with the same key to learn. This one was not begun: too many are under way.';

const PAID_EARLIER =
  'It is not known yet whether an earlier request with this key started the payment; send the same ' +
  'request with the same key to learn. This one was not begun: too many are under way.';

const CHANGED_EARLIER =
  'It is not known yet whether an earlier request with this key changed anything, or charged for it; ' +
  'send the same request with the same key to learn. This one was not begun: too many are under way.';

const Id = z.uuid();

/** Returns the ID in `/api/v1/bookings/:id` and below. */
function bookingIdIn(path: string): string | undefined {
  const [, , , , id = ''] = path.split('/');
  return Id.safeParse(id).success ? id.toLowerCase() : undefined;
}

/** The part of a payment's request that names its booking. */
const Paying = z.object({ bookingId: Id });

async function bookingIdInBody(req: IncomingMessage): Promise<string | undefined> {
  const body = await readSmallBody(req);
  try {
    return Paying.parse(JSON.parse(body ?? '')).bookingId.toLowerCase();
  } catch {
    return undefined;
  }
}
