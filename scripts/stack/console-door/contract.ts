import { z } from 'zod';

/** What the controls of the local stack take and answer; ./document.ts describes it. */

const LocalSession = z
  .strictObject({
    secret: z.string().meta({ description: 'Of this start of the stack; for `X-Local-Secret`.' }),
    temporalUiUrl: z.url().nullable().meta({ description: 'Null where it is not known.' }),
  })
  .meta({ id: 'LocalSession' });

/** What the auditor found last; `unknown` where it could not check everything. */
export const AuditorLight = z
  .strictObject({
    status: z.enum(['ok', 'findings', 'unknown']),
    findings: z.int().min(0),
    at: z.iso.datetime().nullable().meta({ description: 'When; null before the first check.' }),
  })
  .meta({ id: 'AuditorLight' });

export type AuditorLight = z.infer<typeof AuditorLight>;

const KilledWorker = z
  .strictObject({ killed: z.int().positive().meta({ description: 'Its process ID.' }) })
  .meta({ id: 'KilledWorker' });

export const TokenWish = z
  .strictObject({
    sub: z.string().min(1).max(255).meta({ description: 'Who: any name will do.' }),
    scope: z.enum(['bookings', 'operator']),
  })
  .meta({ id: 'TokenWish' });

export type TokenWish = z.infer<typeof TokenWish>;

const LocalToken = z.strictObject({ token: z.string() }).meta({ id: 'LocalToken' });

export const LocalProblem = z
  .strictObject({ title: z.string(), status: z.int() })
  .meta({ id: 'LocalProblem', description: 'A problem by RFC 9457.' });

export interface LocalOperation {
  summary: string;
  description: string;
  /** Whether it needs the secret of this start. */
  isGuarded: boolean;
  body?: z.ZodType;
  good: { status: 200 | 201 | 202; description: string; schema: z.ZodType };
  /** Why it refuses, beside what every control refuses for. */
  refusals: Partial<Record<400 | 409 | 413, string>>;
}

/** Every control, by method and path. Each has a handler in ./controls.ts, or that doesn't compile. */
export const OPERATIONS = {
  'GET /local/session': {
    summary: 'Begin',
    description: 'Tells the secret of this start, which all that acts needs.',
    isGuarded: false,
    good: { status: 200, description: 'The session.', schema: LocalSession },
    refusals: {},
  },
  'GET /local/auditor': {
    summary: 'Look at the auditor’s light',
    description:
      'A look begins a check of the books, which takes some seconds; until it ends, the light is ' +
      'that of the last one.',
    isGuarded: true,
    good: { status: 200, description: 'The light.', schema: AuditorLight },
    refusals: {},
  },
  'POST /local/kill-worker': {
    summary: 'Kill the worker',
    description: 'Ends the worker without warning, as a crash does. It is started again at once.',
    isGuarded: true,
    good: { status: 202, description: 'It was killed.', schema: KilledWorker },
    refusals: { 409: 'There is none now: it is being started.' },
  },
  'POST /local/token': {
    summary: 'Make a token',
    description: 'Signs in whomever one wants to be, for eight hours.',
    isGuarded: true,
    body: TokenWish,
    good: { status: 201, description: 'The token.', schema: LocalToken },
    refusals: {
      400: 'The wish names no `sub`, or another `scope`.',
      409: 'Tokens come from an issuer of someone else’s.',
      413: 'The body is too large.',
    },
  },
  'GET /local/openapi.json': {
    summary: 'Read this description',
    description: 'The description of the controls, in OpenAPI 3.1.',
    isGuarded: false,
    good: { status: 200, description: 'This document.', schema: z.looseObject({}) },
    refusals: {},
  },
} as const satisfies Record<string, LocalOperation>;

export type OperationName = keyof typeof OPERATIONS;
