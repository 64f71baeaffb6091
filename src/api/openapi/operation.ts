import type { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { problemDocument, ProblemDocument, PROBLEMS, type ProblemCode } from '../problem';
import { headersOfProblem, LIMITED, refer, type HeaderName } from './headers';
import { PROBLEM_MEANINGS } from './problem-meanings';

type Responses = ZodOpenApiOperationObject['responses'];

type Tag = 'Flights' | 'Bookings' | 'Payments' | 'Webhooks' | 'Operations' | 'System';

/** What an operation does, and its responses. */
interface Described {
  tag: Tag;
  operationId: string;
  summary: string;
  description: string;
  good: Responses;
  /** The problems that only this operation has. */
  codes?: readonly ProblemCode[];
  /** The path of its example, as problems name it. */
  instance: string;
}

/** A JSON response, with an example of it. */
export function json<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  example: z.input<Schema>,
  headers: readonly HeaderName[] = [],
) {
  return {
    description,
    headers: refer(['X-Request-Id', ...headers]),
    content: { 'application/json': { schema, example } },
  };
}

/** Examples by name. */
type Examples<Schema extends z.ZodType> = Record<
  string,
  { summary: string; value: z.input<Schema> }
>;

/** A JSON response, with several examples of it. */
export function jsonLike<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  examples: Examples<Schema>,
  headers: readonly HeaderName[] = [],
) {
  return {
    description,
    headers: refer(['X-Request-Id', ...headers]),
    content: { 'application/json': { schema, examples } },
  };
}

/** A request's body, with examples: the reference page fills in the first. */
export function body<Schema extends z.ZodType>(schema: Schema, examples: Examples<Schema>) {
  return { required: true, content: { 'application/json': { schema, examples } } };
}

/** Problems of one status share an entry, which explains each of their codes. */
function problems(codes: readonly ProblemCode[], instance: string): Responses {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code]))];
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => PROBLEMS[code] === status);
      return [
        status,
        {
          description: own.map((code) => `\`${code}\`: ${PROBLEM_MEANINGS[code]}`).join('\n\n'),
          headers: refer(headersOfProblem(status, own)),
          content: {
            'application/problem+json': {
              schema: ProblemDocument,
              examples: Object.fromEntries(
                own.map((code) => [code, { value: exampleOf(code, instance) }]),
              ),
            },
          },
        },
      ];
    }),
  );
}

/** Fields that only some problems have. */
const EXTRAS: Partial<Record<ProblemCode, Partial<z.infer<typeof ProblemDocument>>>> = {
  payment_declined: { declineCode: 'insufficient_funds' },
  amount_mismatch: { expected: { amount: 104_874, currency: 'USD' } },
  validation_failed: {
    errors: [{ pointer: '/passengers/0/familyName', detail: 'A name is needed.' }],
  },
};

function exampleOf(code: ProblemCode, instance: string) {
  return problemDocument(code, PROBLEM_MEANINGS[code].replaceAll('`', ''), {
    instance,
    requestId: '7f0a4a4e-2f2b-4a5b-9a39-0d6c1c0f8f11',
    ...EXTRAS[code],
  });
}

/** An operation that is open to anyone. */
export function open(
  { tag, good, codes = [], instance, ...described }: Described,
  more: Partial<ZodOpenApiOperationObject> = {},
): ZodOpenApiOperationObject {
  const responses = { ...good, ...problems([...codes, 'rate_limited', 'internal'], instance) };
  return { tags: [tag], ...described, ...more, responses };
}

/** What a token's `scope` may name. */
type Scope = 'bookings' | 'operator';

/** An operation that needs a token, with one of the scopes. */
export function secured(
  {
    codes = [],
    scopes = ['bookings', 'operator'],
    ...described
  }: Described & { scopes?: readonly Scope[] },
  more: Partial<ZodOpenApiOperationObject> = {},
): ZodOpenApiOperationObject {
  const all = [...codes, 'unauthenticated', 'forbidden', 'service_unavailable'] as const;
  return {
    ...open({ ...described, codes: all }, more),
    security: scopes.map((scope) => ({ bearer: [scope] })),
  };
}

/** The headers of a successful response that is the same for everyone. */
export const SEARCHED: HeaderName[] = [...LIMITED, 'Cache-Control', 'ETag'];

/** The response to a client that already has the current one. */
export const NOT_MODIFIED = {
  304: {
    description: 'Nothing has changed since the `ETag` that was sent as `If-None-Match`.',
    headers: refer(['X-Request-Id', ...SEARCHED]),
  },
};
