import { hash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import type { Db } from '../db/connection';
import type { Caller } from './auth';
import { Problem } from './problem';
import { createRequestCounter } from './rate-limit-counter';
import { createShares } from './rate-limit-shares';

const WINDOW_SECONDS = 60;

/**
 * Limits each caller's requests per minute, across all API processes: by token, or by address if
 * there is none. While PostgreSQL is unavailable, each process allows that many.
 *
 * Every response says what is left, in the headers `RateLimit` and `RateLimit-Policy`
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
 *
 * @throws Problem `rate_limited`, with the seconds until the minute ends.
 */
export function rateLimit(db: Db, requestsPerMinute: number): RequestHandler {
  const count = createRequestCounter(db, { points: requestsPerMinute, seconds: WINDOW_SECONDS });
  const shares = createShares(count, requestsPerMinute);
  const policy = `"default";q=${String(requestsPerMinute)};w=${String(WINDOW_SECONDS)}`;
  return async (req, res, next) => {
    const { isAllowed, remaining, endsAt } = await shares.take(clientKeyOf(req, res));
    const seconds = Math.max(1, Math.ceil((endsAt - Date.now()) / 1000));
    res.set('RateLimit-Policy', policy);
    res.set('RateLimit', `"default";r=${String(remaining)};t=${String(seconds)}`);
    if (!isAllowed) {
      throw new Problem('rate_limited', 'Too many requests: slow down.', {
        retryAfterSeconds: seconds,
      });
    }
    next();
  };
}

/**
 * Returns what stands for a request's caller, or for its address if it has no token: a digest of
 * fixed length, so that no address or customer is in the table.
 */
export function clientKeyOf(req: Request, res: Response): string {
  const caller = res.locals.caller as Caller | undefined;
  const key = caller === undefined ? ['address', networkOf(req.ip)] : ['caller', caller.id];
  return hash('sha256', JSON.stringify(key), 'base64url');
}

/** An IPv6 customer gets at least 2⁶⁴ addresses: they count as one. */
const IPV6_NETWORK_BYTES = 8;

function networkOf(ip = ''): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return Buffer.from(address.toByteArray().slice(0, IPV6_NETWORK_BYTES)).toString('hex');
}
