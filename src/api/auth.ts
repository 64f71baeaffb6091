import type { RequestHandler, Response } from 'express';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { AuthConfig } from '../config';
import { Problem, unavailable } from './problem';

/** Who is asking. */
export interface Caller {
  id: string;
  isCustomer: boolean;
  isOperator: boolean;
  /** A reseller's own limit of open holds, where their token has one. */
  maxOpenHolds?: number;
}

type Verify = (token: string) => Promise<JWTPayload>;

/** Algorithms that a published key may use; a token can't choose a weaker one. */
const PUBLISHED_KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

function createVerifier(config: AuthConfig): Verify {
  const options: JWTVerifyOptions = {
    issuer: config.issuer,
    audience: config.audience,
    requiredClaims: ['iss', 'aud', 'exp', 'sub'],
  };
  if (config.kind === 'secret') {
    const secret = new TextEncoder().encode(config.secret);
    return async (token) =>
      (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'] })).payload;
  }
  const published = createRemoteJWKSet(new URL(config.url));
  const keys: JWTVerifyGetKey = (header, token) => published(header, token).catch(explainNoKey);
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: PUBLISHED_KEY_ALGORITHMS })).payload;
}

/** Lets a request through only with a valid bearer token, and remembers whose it is. */
export function authenticate(config: AuthConfig): RequestHandler {
  const verify = createVerifier(config);
  return async (req, res, next) => {
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (token === undefined) throw new Problem('unauthenticated', 'A bearer token is required.');
    res.locals.caller = toCaller(await verify(token).catch(explainRejection));
    next();
  };
}

/** A token may name a key that its issuer doesn't have; an issuer that can't be asked is no fault of the token's. */
function explainNoKey(error: unknown): never {
  const faultsOfTokens = [
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSENotSupported,
  ];
  if (faultsOfTokens.some((fault) => error instanceof fault)) throw error;
  throw unavailable('The keys that tokens are checked with are out of reach.');
}

function explainRejection(error: unknown): never {
  if (error instanceof errors.JWTExpired)
    throw new Problem('unauthenticated', 'The bearer token has expired.');
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    throw new Problem('unauthenticated', 'The bearer token is not valid.');
  }
  throw error;
}

/** It is stored with every booking: not absurdly long, and nothing in it that PostgreSQL can't keep. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

function toCaller({ sub, scope = 'bookings' }: JWTPayload): Caller {
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) {
    throw new Problem('unauthenticated', 'The bearer token has no usable subject.');
  }
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  const caller = {
    id: sub,
    isCustomer: scopes.includes('bookings'),
    isOperator: scopes.includes('operator'),
  };
  if (!caller.isCustomer && !caller.isOperator) {
    throw new Problem('forbidden', 'The bearer token has neither the scope bookings nor operator.');
  }
  return caller;
}

export function callerOf(res: Response): Caller {
  return res.locals.caller as Caller;
}

/** Lets only operators through; {@link authenticate} comes first. */
export const operatorsOnly: RequestHandler = (_req, res, next) => {
  if (!callerOf(res).isOperator) throw new Problem('forbidden', 'The scope operator is required.');
  next();
};

/** Only customers buy: an operator's token alone doesn't. */
export function customerOf(res: Response): Caller {
  const caller = callerOf(res);
  if (!caller.isCustomer) throw new Problem('forbidden', 'The scope bookings is required.');
  return caller;
}
