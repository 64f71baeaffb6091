import { isDeepStrictEqual } from 'node:util';
import type { Response } from '../history/format';
import type { Operation } from '../history/read';
import { problemOf } from './bodies';
import type { Check } from './finding';

/**
 * A key has one outcome (docs/reliability.md, "What is promised": its key returns the same body,
 * byte for byte, for ever): every success has the same status and bytes, every decline the same
 * problem, no other outcome follows, and another request under the key is refused.
 *
 * A refusal that is no decline need not bind: the same key may succeed later.
 */
export const checkReplays: Check = (_history, { byKey }) =>
  byKey
    .filter(([first]) => first?.key !== undefined && BINDING.includes(first.kind))
    .flatMap((attempts) => [
      ...findOtherOutcomes(attempts),
      ...findForgottenOutcome(attempts),
      ...findServedStrangers(attempts),
    ]);

/** Kinds of requests whose keys are bound by their outcome. */
const BINDING = ['book', 'pay', 'change'];

function isBound({ response }: Operation): boolean {
  return response?.status === 201 || problemOf(response)?.code === 'payment_declined';
}

/** What a client compares: bytes of a success; of a problem all but what names the request. */
function outcomeOf({ status, headers, body, sha256 }: Response): string {
  if (status < 300) return JSON.stringify([status, headers['content-type'], sha256]);
  const { requestId: _, ...problem } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify([status, headers['content-type'], problem]);
}

function findOtherOutcomes(attempts: Operation[]) {
  const bound = attempts.filter(isBound);
  const outcomes = new Set(bound.map(({ response }) => response && outcomeOf(response)));
  return outcomes.size < 2
    ? []
    : [
        {
          what: `Key ${keyOf(bound)} has ${outcomes.size} outcomes`,
          operations: bound.map(({ id }) => id),
        },
      ];
}

/** Once an outcome was told, the same request gets it, or no answer that says anything. */
function findForgottenOutcome(attempts: Operation[]) {
  const first = attempts.filter(isBound).sort((a, b) => a.endedAt - b.endedAt)[0];
  if (first === undefined) return [];
  return attempts
    .filter((later) => later.sentAt > first.endedAt && isSameRequest(later, first))
    .filter((later) => !isBound(later) && saysSomething(later.response))
    .map((later) => ({
      what: `Key ${keyOf([first])} had its outcome, and the same request got ${describe(later)}`,
      operations: [first.id, later.id],
    }));
}

/** Another body under a key that is bound must be refused; whose key it becomes is one of them. */
function findServedStrangers(attempts: Operation[]) {
  const served = attempts.filter(isBound);
  const [first] = served;
  const strangers = served.filter((other) => first !== undefined && !isSameRequest(other, first));
  return strangers.map((stranger) => ({
    what: `Key ${keyOf(served)} served another request, too`,
    operations: [...served.slice(0, 1), stranger].map(({ id }) => id),
  }));
}

function isSameRequest({ request: one }: Operation, { request: other }: Operation): boolean {
  return one.path === other.path && isDeepStrictEqual(one.body, other.body);
}

/** Of these a client knows that nothing is decided by them. */
const SAYS_NOTHING = [401, 408, 410, 429, 500, 502, 503, 504];

function saysSomething(response: Response | undefined): boolean {
  return response !== undefined && !SAYS_NOTHING.includes(response.status);
}

function keyOf([first]: Operation[]): string {
  return `${first?.kind ?? ''} ${first?.key ?? ''} of client ${first?.client ?? ''}`;
}

function describe({ response }: Operation): string {
  return [response?.status, problemOf(response)?.code].join(' ').trim();
}
