import {
  createClient,
  newIntent,
  UnexpectedAnswer,
  type FlightBookings,
  type Intent,
  type Schemas,
} from '../../../clients/typescript/src/client';

export { newIntent };
export type { FlightBookings, Intent, Schemas };

/** Why something could not be done: the API's own words, or that it could not be reached. */
export type Trouble = Pick<Schemas['Problem'], 'title' | 'detail' | 'code' | 'retry' | 'errors'>;

/** Thrown by {@link answerOf} for a refusal, with what the API says of it. */
export class Refused extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.title);
  }
}

/** Returns a client of the API that this page comes from. */
export function clientFor(token: string | undefined): FlightBookings {
  const { origin } = window.location;
  return createClient(token === undefined ? { baseUrl: origin } : { baseUrl: origin, token });
}

/**
 * Returns what a request answered.
 *
 * @throws Refused when it was refused.
 */
export async function answerOf<T>(request: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await request;
  if (error !== undefined) throw new Refused(isTrouble(error) ? error : UNREADABLE);
  return data as T;
}

function isTrouble(error: unknown): error is Trouble {
  return typeof error === 'object' && error !== null && 'code' in error && 'title' in error;
}

/** A proxy in between may answer with a page of its own. */
const UNREADABLE: Trouble = {
  title: 'No answer of ours',
  detail: 'Something between this page and the API answered instead of it.',
  code: 'service_unavailable',
  retry: 'same_key',
};

const UNREACHABLE: Trouble = {
  title: 'No connection',
  detail: 'The API cannot be reached.',
  code: 'service_unavailable',
  retry: 'same_key',
};

/** Returns what a person is told of an error. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) return error.trouble;
  return error instanceof UnexpectedAnswer ? UNREADABLE : UNREACHABLE;
}
