import type { ProblemCode } from '../problem';

interface Header {
  description: string;
  schema: { type: 'string' | 'integer'; minimum?: number; enum?: string[] };
}

const text = { type: 'string' as const };

/** Headers of responses, by their names; responses refer to them. */
export const HEADERS = {
  'X-Request-Id': {
    schema: text,
    description: "Names the request in our logs: the client's own, if it sent a valid one.",
  },
  Location: { schema: text, description: 'Where the booking can be read.' },
  'Idempotent-Replayed': {
    schema: { type: 'string', enum: ['true'] },
    description: 'Present when the key was bound to this response before: nothing was done again.',
  },
  ETag: {
    schema: text,
    description: 'Names what was sent; with `If-None-Match` it saves sending it again.',
  },
  'Cache-Control': {
    schema: text,
    description: 'How long the client itself may keep what anyone may search for.',
  },
  RateLimit: {
    schema: text,
    description:
      'What is left of the minute, and the seconds until it ends: `"default";r=599;t=60`.',
  },
  'RateLimit-Policy': {
    schema: text,
    description: 'The requests that a caller may make in a minute: `"default";q=600;w=60`.',
  },
  'Retry-After': {
    schema: { type: 'integer', minimum: 1 },
    description: 'Seconds, where waiting that long can help.',
  },
  'WWW-Authenticate': { schema: text, description: '`Bearer`.' },
} satisfies Record<string, Header>;

export type HeaderName = keyof typeof HEADERS;

export type References = Record<string, { $ref: string }>;

/** Returns a response's references to its headers. */
export function refer(names: readonly HeaderName[]): References {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** On every response of a rate-limited route. */
export const LIMITED: HeaderName[] = ['RateLimit', 'RateLimit-Policy'];

/** Problems that a key can be bound to. */
const BINDING: ProblemCode[] = ['payment_declined', 'seats_unavailable', 'flight_closed'];

/** Returns the headers of a problem with this status and one of these codes. */
export function headersOfProblem(status: number, codes: readonly ProblemCode[]): HeaderName[] {
  return [
    'X-Request-Id',
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...(status === 429 ? (['Retry-After', ...LIMITED] as const) : []),
    ...(status === 503 ? (['Retry-After'] as const) : []),
    ...(codes.some((code) => BINDING.includes(code)) ? (['Idempotent-Replayed'] as const) : []),
  ];
}
