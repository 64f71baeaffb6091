import { webcrypto } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { z } from 'zod';
import type { AuthConfig } from '../config';
import { Problem, unavailable } from './problem';
import { verifyOncePerMinute, type Verify } from './token-cache';

/** The caller of a request. */
export interface Caller {
  id: string;
  isCustomer: boolean;
  isOperator: boolean;
  /**
   * How many open holds the caller may have, if the token says so: resellers have more than most.
   */
  maxOpenHolds?: number;
}

/** Algorithms that a published key may use; a token can't choose a weaker one. */
const PUBLISHED_KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/**
 * Largest allowed difference, in seconds, between an issuer's clock and ours. Both follow network
 * time, and neither exactly.
 */
const CLOCK_SKEW_SECONDS = 5;

function createVerifier(config: AuthConfig): Verify {
  const options: JWTVerifyOptions = {
    issuer: config.issuer,
    audience: config.audience,
    requiredClaims: ['iss', 'aud', 'exp', 'sub'],
    clockTolerance: CLOCK_SKEW_SECONDS,
  };
  if (config.kind === 'secret') {
    const key = importSecret(config.secret);
    return async (token) =>
      (await jwtVerify(token, () => key, { ...options, algorithms: ['HS256'] })).payload;
  }
  const published = createRemoteJWKSet(new URL(config.url));
  const keys: JWTVerifyGetKey = (header, token) => published(header, token).catch(explainNoKey);
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: PUBLISHED_KEY_ALGORITHMS })).payload;
}

/** Imports a secret once: given as bytes, it would be imported for each token. */
async function importSecret(secret: string): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return webcrypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['verify']);
}

/** Returns a request's bearer token, which is not verified; undefined without one. */
export function bearerTokenOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return /^Bearer +([\w.~+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Lets a request through only with a valid bearer token, and stores its caller. */
export function authenticate(config: AuthConfig): RequestHandler {
  const verify = verifyOncePerMinute(createVerifier(config));
  return async (req, res, next) => {
    const token = bearerTokenOf(req);
    if (token === undefined) throw new Problem('unauthenticated', 'A bearer token is required.');
    const claims = await verify(token).catch(explainRejection);
    res.locals.caller = toCaller(claims);
    res.locals.tokenExpiresAt = new Date((claims.exp ?? 0) * 1000);
    next();
  };
}

/**
 * A token may name a key that its issuer doesn't have. If the issuer can't be asked, the token is
 * not at fault.
 */
function explainNoKey(error: unknown): never {
  const faultsOfTokens = [
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSENotSupported,
  ];
  if (faultsOfTokens.some((fault) => error instanceof fault)) throw error;
  throw unavailable('The keys that tokens are checked with cannot be reached.');
}

function explainRejection(error: unknown): never {
  if (error instanceof errors.JWTExpired)
    throw new Problem('unauthenticated', 'The bearer token has expired.');
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    throw new Problem('unauthenticated', 'The bearer token is not valid.');
  }
  throw error;
}

/**
 * It is stored with every booking, so it is short and has only characters that PostgreSQL can
 * store.
 */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** A larger number can't be meant as a limit. */
const MAX_OPEN_HOLDS = 10_000;

const OpenHolds = z.int().min(1).max(MAX_OPEN_HOLDS).optional();

function toCaller({ sub, iat, scope, max_open_holds: openHolds }: JWTPayload): Caller {
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw invalidToken('has no usable subject');
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_SKEW_SECONDS)
    throw invalidToken('was issued in the future');
  const maxOpenHolds = OpenHolds.safeParse(openHolds);
  if (!maxOpenHolds.success)
    throw invalidToken(`needs a whole number up to ${String(MAX_OPEN_HOLDS)} in max_open_holds`);
  const scopes = scopesOf(scope);
  const caller = {
    id: sub,
    isCustomer: scopes.includes('bookings'),
    isOperator: scopes.includes('operator'),
    ...(maxOpenHolds.data === undefined ? {} : { maxOpenHolds: maxOpenHolds.data }),
  };
  if (!caller.isCustomer && !caller.isOperator) {
    throw new Problem('forbidden', 'The bearer token has neither the scope bookings nor operator.');
  }
  return caller;
}

/**
 * Returns the scopes of a token. RFC 8693 says text with blanks between them; some issuers send an
 * array. Anything else is no scope.
 */
function scopesOf(scope: unknown): unknown[] {
  if (typeof scope === 'string') return scope.split(' ');
  return Array.isArray(scope) ? scope : [];
}

function invalidToken(what: string): Problem {
  return new Problem('unauthenticated', `The bearer token ${what}.`);
}

export function callerOf(res: Response): Caller {
  return res.locals.caller as Caller;
}

/** Returns when the caller's token expires. Must come after {@link authenticate}. */
export function tokenExpiryOf(res: Response): Date {
  return res.locals.tokenExpiresAt as Date;
}

/** Lets only operators through. Must come after {@link authenticate}. */
export const operatorsOnly: RequestHandler = (_req, res, next) => {
  if (!callerOf(res).isOperator) throw new Problem('forbidden', 'The scope operator is required.');
  next();
};

/** Returns the caller if it is a customer: an operator's token alone can't buy. */
export function customerOf(res: Response): Caller {
  const caller = callerOf(res);
  if (!caller.isCustomer) throw new Problem('forbidden', 'The scope bookings is required.');
  return caller;
}

/**
 * Stores the caller on a route that needs no token. A bad token is treated like none, so that what
 * is open to anyone stays open.
 */
export function authenticateIfGiven(requireToken: RequestHandler): RequestHandler {
  return async (req, res, next) => {
    if (req.get('authorization') !== undefined) {
      try {
        await requireToken(req, res, () => undefined);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    next();
  };
}
