import { setTimeout as wait } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { AmountMismatch } from '../../temporal/contracts';
import { isOutOfReach, withPatience } from '../patience';
import { isProblemCode, Problem, secondsUntil, type ProblemCode } from '../problem';
import { Money } from '../schemas';

/**
 * How long a client is kept waiting for an answer of a workflow, in milliseconds, before it is told that the work goes on. With what is read before and
 * after, the client has its answer within 10 s.
 */
const PATIENCE_MS = 9_000;

/** Before a question is put again: about as long as a workflow takes over one, so that it finds nothing else under way. */
const PAUSE_MS = 50;

/** What came of asking a workflow: its answer; or none in time; or that it has ended, so that only the database can tell. */
export type Answer<T> = { kind: 'answered'; result: T } | { kind: 'no_answer' | 'closed' };

/**
 * Puts a question to a workflow, and waits for its answer within our patience. The question may be put several times: it carries an ID by which
 * Temporal and the workflow know it again.
 *
 * @throws Problem when the workflow refuses.
 */
export async function ask<T>(client: Client, question: () => Promise<T>): Promise<Answer<T>> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const result = await withPatience(client, giveUpAt - Date.now(), question);
      return { kind: 'answered', result };
    } catch (error) {
      const why = explain(error);
      if (why !== 'not_looked_at') return { kind: why };
    }
    if (Date.now() + PAUSE_MS >= giveUpAt) return { kind: 'no_answer' };
    await wait(PAUSE_MS);
  }
}

/** Tells the ways of getting no answer apart. `not_looked_at`: it is as if the question had never been put. */
function explain(error: unknown): 'no_answer' | 'closed' | 'not_looked_at' {
  if (error instanceof WorkflowUpdateFailedError) return explainFailure(error);
  if (
    error instanceof WorkflowNotFoundError ||
    error instanceof WorkflowExecutionAlreadyStartedError
  ) {
    return 'closed';
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isOutOfReach(error)) {
    return 'no_answer';
  }
  throw error;
}

/** A workflow that ends with an update unanswered fails it with this. */
const ENDED_MEANWHILE = 'AcceptedUpdateCompletedWorkflow';

/**
 * The server's own answer, of which it keeps nothing, to an update that came to a workflow task that was not for it: the workflow's last one, or
 * that of a worker which died.
 */
const NOT_LOOKED_AT = 'UnprocessedUpdate';

function explainFailure(error: WorkflowUpdateFailedError): 'closed' | 'not_looked_at' {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  if (cause.type === ENDED_MEANWHILE) return 'closed';
  if (cause.type === NOT_LOOKED_AT) return 'not_looked_at';
  if (isProblemCode(cause.type)) throw refusalOf(cause.type, cause);
  throw error;
}

/** A refusal that a later try under the same key may not meet. */
export class PassingRefusal extends Problem {
  constructor(
    code: ProblemCode,
    detail: string,
    /** When that is, in ISO 8601. */
    readonly retryAt: string,
  ) {
    super(code, detail, { retryAfterSeconds: secondsUntil(retryAt) });
  }
}

function refusalOf(code: ProblemCode, { message, details }: ApplicationFailure): Problem {
  const [more] = details ?? [];
  if (isPassing(more)) return new PassingRefusal(code, message, more.retryAt);
  // Workers of an earlier release refuse without details.
  const mismatch = MismatchDetails.safeParse(more);
  return new Problem(code, message, { expected: mismatch.data?.expected });
}

/** What comes with `amount_mismatch`. */
const MismatchDetails = z.object({ expected: Money }) satisfies z.ZodType<AmountMismatch>;

function isPassing(details: unknown): details is { retryAt: string } {
  return (
    typeof details === 'object' &&
    details !== null &&
    'retryAt' in details &&
    typeof details.retryAt === 'string'
  );
}
