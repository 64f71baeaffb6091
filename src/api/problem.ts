import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { isDatabaseAway } from '../db/connection';
import { Refusal } from '../domain/refusal';
import type { Logger } from '../telemetry/logger';
import { Refused } from '../temporal/clients/refused';
import { Unavailable } from '../temporal/clients/unavailable';
import { requestIdOf } from './request-context';
import { Money } from './schemas';

/** Every problem code of the API, and its status. */
export const PROBLEMS = {
  malformed_request: 400,
  malformed_json: 400,
  validation_failed: 400,
  idempotency_key_required: 400,
  idempotency_key_invalid: 400,
  unauthenticated: 401,
  payment_declined: 402,
  forbidden: 403,
  flight_not_found: 404,
  booking_not_found: 404,
  webhook_endpoint_not_found: 404,
  delivery_not_found: 404,
  schedule_change_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  seats_unavailable: 409,
  flight_closed: 409,
  booking_not_payable: 409,
  payment_in_progress: 409,
  booking_not_cancellable: 409,
  quote_changed: 409,
  too_many_webhook_endpoints: 409,
  quote_not_found: 404,
  change_not_found: 404,
  passenger_not_found: 404,
  quote_expired: 409,
  booking_not_changeable: 409,
  change_in_progress: 409,
  name_change_refused: 409,
  schedule_change_closed: 409,
  flight_departed: 409,
  operation_not_possible: 409,
  erased: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  amount_mismatch: 422,
  rate_limited: 429,
  too_many_holds: 429,
  too_many_declines: 429,
  headers_too_large: 431,
  internal: 500,
  service_unavailable: 503,
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

const RETRIES = ['same_key', 'new_key', 'no'] as const;

type Retry = (typeof RETRIES)[number];

/**
 * What a client may do after a problem, by its code. `same_key`: nothing is decided, and the same
 * request may be sent again unchanged. `new_key`: this key is bound to this response, or another
 * try needs another key. `no`: the same request can't succeed.
 */
const RETRY = {
  malformed_request: 'no',
  malformed_json: 'no',
  validation_failed: 'no',
  idempotency_key_required: 'no',
  idempotency_key_invalid: 'no',
  unauthenticated: 'same_key',
  payment_declined: 'new_key',
  forbidden: 'no',
  flight_not_found: 'no',
  booking_not_found: 'no',
  webhook_endpoint_not_found: 'no',
  delivery_not_found: 'no',
  schedule_change_not_found: 'no',
  route_not_found: 'no',
  method_not_allowed: 'no',
  request_timeout: 'same_key',
  seats_unavailable: 'new_key',
  flight_closed: 'no',
  booking_not_payable: 'no',
  payment_in_progress: 'same_key',
  booking_not_cancellable: 'no',
  quote_changed: 'new_key',
  too_many_webhook_endpoints: 'no',
  quote_not_found: 'no',
  change_not_found: 'no',
  passenger_not_found: 'no',
  quote_expired: 'new_key',
  booking_not_changeable: 'no',
  change_in_progress: 'same_key',
  name_change_refused: 'no',
  schedule_change_closed: 'no',
  flight_departed: 'no',
  operation_not_possible: 'no',
  erased: 'no',
  payload_too_large: 'no',
  unsupported_media_type: 'no',
  idempotency_key_reused: 'new_key',
  amount_mismatch: 'no',
  rate_limited: 'same_key',
  too_many_holds: 'same_key',
  too_many_declines: 'no',
  headers_too_large: 'no',
  internal: 'same_key',
  service_unavailable: 'same_key',
} as const satisfies Record<ProblemCode, Retry>;

export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(PROBLEMS, code);
}

const FieldFault = z.object({
  pointer: z.string().meta({ description: 'JSON pointer (RFC 6901) to the field.' }),
  detail: z.string(),
});

/** RFC 9457 problem details. */
export const ProblemDocument = z
  .object({
    type: z
      .string()
      .meta({ description: 'Names the kind of problem; the same for the same `code`.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    requestId: z.string(),
    retry: z.enum(RETRIES).meta({
      description:
        'Whether another try can help: with the same key, with a new one, or not at all.',
    }),
    bookingId: z.uuid().optional().meta({
      description: 'There wherever work may have begun, or a booking may exist.',
    }),
    declineCode: z.string().optional().meta({
      description: 'With `payment_declined`: why, as `Payment.declineCode` says it.',
    }),
    expected: Money.optional().meta({
      description: 'With `amount_mismatch`: the price of the booking, which is to be sent.',
    }),
    errors: z.array(FieldFault).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

/**
 * A problem response, thrown from anywhere below a route. `detail` is for the client: it reveals no
 * internals.
 */
export class Problem extends Error {
  override name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly more: {
      errors?: z.infer<typeof FieldFault>[];
      retryAfterSeconds?: number;
      /** Set if it differs from the code's own. */
      retry?: Retry;
      /** The booking that may exist, or on which work may have begun. */
      bookingId?: string | undefined;
      /** Why a payment was declined, in the provider's words. */
      declineCode?: string | undefined;
      /** The amount to send instead. */
      expected?: z.infer<typeof Money> | undefined;
    } = {},
  ) {
    super(detail);
  }
}

/** Returns the problem of an invalid field. */
export function invalidField(pointer: string, detail: string): Problem {
  return new Problem('validation_failed', 'The request is not valid.', {
    errors: [{ pointer, detail }],
  });
}

/**
 * Returns the problem for an unavailable dependency: the same request may be made again.
 *
 * `detail` claims only what is certain. If work may have begun it says that the outcome is not
 * known yet, and how to learn it. A test compares every such sentence with a reviewed list.
 */
export function unavailable(detail: string): Problem {
  return new Problem('service_unavailable', detail, { retryAfterSeconds: 1 });
}

/**
 * Names a booking in the problem that the request may still end with.
 *
 * `all`: the booking exists, or work on it may have begun. `undecided`: an earlier request may have
 * made it, so only problems that leave the outcome open (5xx) name it.
 */
export function nameBooking(
  res: Response,
  bookingId: string,
  problems: 'all' | 'undecided' = 'all',
): void {
  res.locals.named = { bookingId, problems };
}

function bookingToName(res: Response, status: number): string | undefined {
  const named = res.locals.named as { bookingId: string; problems: string } | undefined;
  return named?.problems === 'all' || status >= 500 ? named?.bookingId : undefined;
}

/** How long to wait if nothing more exact is known. */
const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  rate_limited: 60,
  too_many_holds: 60,
  service_unavailable: 1,
};

/**
 * Returns the value of `Retry-After` for waiting until an instant (ISO 8601): whole seconds, at
 * least one.
 */
export function secondsUntil(at: string): number {
  return Math.max(1, Math.ceil((Date.parse(at) - Date.now()) / 1000));
}

/** Throws the problem of an unknown path. */
export const routeNotFound: RequestHandler = (req) => {
  throw new Problem('route_not_found', `There is no ${req.method} ${req.path}.`);
};

/** Turns every error into a problem document: the only place where errors become HTTP. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const problem = toProblem(error);
    if (problem.code === 'internal') logger.error('A request failed', { error });
    sendProblem(req, res, problem);
  };
}

function sendProblem(req: Request, res: Response, { code, detail, more }: Problem): void {
  const status = PROBLEMS[code];
  const retryAfter = more.retryAfterSeconds ?? RETRY_AFTER_SECONDS[code];
  res.set('Cache-Control', 'no-store');
  if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
  if (code === 'unauthenticated') res.set('WWW-Authenticate', 'Bearer');
  const bookingId = more.bookingId ?? bookingToName(res, status);
  const document = problemDocument(code, detail, {
    instance: req.originalUrl.split('?')[0] ?? req.path,
    requestId: requestIdOf(res),
    ...(bookingId === undefined ? {} : { bookingId }),
    ...(more.retry === undefined ? {} : { retry: more.retry }),
    ...(more.declineCode === undefined ? {} : { declineCode: more.declineCode }),
    ...(more.expected === undefined ? {} : { expected: more.expected }),
    ...(more.errors === undefined ? {} : { errors: more.errors }),
  });
  res.status(status).type('application/problem+json').send(JSON.stringify(document));
}

type DerivedFromCode = 'type' | 'title' | 'status' | 'detail' | 'code' | 'retry';

/** Returns a problem document: the fields of its code, and its own. */
export function problemDocument(
  code: ProblemCode,
  detail: string,
  own: Omit<z.infer<typeof ProblemDocument>, DerivedFromCode> & { retry?: Retry },
): z.infer<typeof ProblemDocument> {
  const { instance, requestId, ...optional } = own;
  return {
    type: `urn:flight-bookings:problem:${code}`,
    title: STATUS_CODES[PROBLEMS[code]] ?? 'Error',
    status: PROBLEMS[code],
    detail,
    instance,
    code,
    requestId,
    retry: RETRY[code],
    ...optional,
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal || error instanceof Refused) return refusalProblem(error);
  if (error instanceof Unavailable) return new Problem(error.code, error.detail);
  if (error instanceof z.ZodError) return validationProblem(error);
  if (isDatabaseAway(error)) return unavailable('The database cannot answer now.');
  return bodyProblem(error) ?? new Problem('internal', 'Something went wrong on our side.');
}

function refusalProblem(refusal: Refusal | Refused): Problem {
  const { code, detail, retryAt } = refusal;
  return new Problem(code, detail, {
    ...(retryAt && { retryAfterSeconds: secondsUntil(retryAt.toISOString()) }),
    expected: refusal instanceof Refused ? refusal.expected : undefined,
  });
}

function validationProblem(error: z.ZodError): Problem {
  const errors = error.issues.flatMap(({ path, message, ...issue }) => {
    // Unknown fields are listed one by one, each with its own pointer.
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (unknown.length === 0) return [{ pointer: pointerTo(path), detail: message }];
    return unknown.map((key) => ({
      pointer: pointerTo([...path, key]),
      detail: 'This field is not known.',
    }));
  });
  return new Problem('validation_failed', 'The request is not valid.', { errors });
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Returns the problem for what Express's own parsers of bodies and paths reject. */
function bodyProblem(error: unknown): Problem | undefined {
  if (error instanceof URIError)
    return new Problem('route_not_found', 'The path is not a valid URL.');
  const type =
    typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.parse.failed':
      return new Problem('malformed_json', 'The body is not valid JSON.');
    case 'request.size.invalid':
    case 'request.aborted':
      return new Problem('malformed_json', 'The body did not arrive whole.');
    case 'entity.too.large':
      return new Problem('payload_too_large', 'The body is too large.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new Problem(
        'unsupported_media_type',
        'The body must be JSON in UTF-8, compressed or not.',
      );
    default:
      // Badly compressed content is rejected without a type.
      return isBadRequest(error)
        ? new Problem('malformed_json', 'The body could not be read.')
        : undefined;
  }
}

function isBadRequest(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 400;
}
