import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Customer } from './customer';
import { codeOf, create, faultOf } from './requests';

/** So long a client tries. */
const GIVE_UP_MS = 120_000;

/** Where a response doesn't say when to try again. */
const RETRY_MS = 1_000;

export interface Decided {
  answer: Answer;
  /** How long the request took that got this answer. */
  tookMs: number;
  /** Requests before it that got no outcome. */
  earlier: number;
}

/**
 * Books a seat as a good client does: a request that got no outcome (none, 202 or 503) is sent again
 * with the same key, when the response says.
 *
 * @throws Error when there is no outcome after two minutes.
 */
export async function createUntilDecided(
  customer: Customer,
  flightId: string | undefined,
): Promise<Decided> {
  const key = randomUUID();
  const givesUpAt = performance.now() + GIVE_UP_MS;
  for (let earlier = 0; ; earlier += 1) {
    const from = performance.now();
    const answer = await create(customer, flightId, key).catch(faultOf);
    const tookMs = performance.now() - from;
    if (typeof answer !== 'string' && isOutcome(answer)) return { answer, tookMs, earlier };
    if (performance.now() > givesUpAt)
      throw new Error(`undecided: ${typeof answer === 'string' ? answer : codeOf(answer)}`);
    await sleep(pauseMs(answer));
  }
}

function isOutcome({ status }: Answer): boolean {
  return status !== 202 && status !== 503;
}

function pauseMs(answer: Answer | string): number {
  if (typeof answer === 'string' || answer.retryAfterSeconds === undefined) return RETRY_MS;
  return answer.retryAfterSeconds * 1000;
}
