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
import type { Money } from '../../domain/money';
import { REFUSAL_CODES } from '../../domain/refusal';
import { isOutOfReach, withTimeout } from './reach';
import { Refused } from './refused';

/**
 * How long a client waits for a workflow's result, in milliseconds, before it is told that the work
 * goes on. With the reads before and after, the client has its response within 10 s.
 */
export const RESULT_WITHIN_MS = 9_000;

/**
 * Pause before an update is sent again, in milliseconds: about as long as a workflow takes for one.
 */
const PAUSE_MS = 50;

/**
 * A workflow's result; or no result in time; or `closed`: the workflow has ended, and only the
 * database has the outcome.
 */
export type UpdateOutcome<T> = { kind: 'completed'; result: T } | { kind: 'no_result' | 'closed' };

/**
 * Sends an update to a workflow, and waits for its result, 9 s unless said otherwise. Safe to send several times: Temporal
 * and the workflow identify it by its update ID.
 *
 * @throws Refused when the workflow refuses.
 */
export async function executeUpdate<T>(
  client: Client,
  update: () => Promise<T>,
  withinMs = RESULT_WITHIN_MS,
): Promise<UpdateOutcome<T>> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      const result = await withTimeout(client, giveUpAt - Date.now(), update);
      return { kind: 'completed', result };
    } catch (error) {
      const why = explain(error);
      if (why !== 'not_looked_at') return { kind: why };
    }
    if (Date.now() + PAUSE_MS >= giveUpAt) return { kind: 'no_result' };
    await wait(PAUSE_MS);
  }
}

/** Returns why there is no result. `not_looked_at`: as if the update had never been sent. */
function explain(error: unknown): 'no_result' | 'closed' | 'not_looked_at' {
  if (error instanceof WorkflowUpdateFailedError) return explainFailure(error);
  if (
    error instanceof WorkflowNotFoundError ||
    error instanceof WorkflowExecutionAlreadyStartedError
  ) {
    return 'closed';
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isOutOfReach(error)) {
    return 'no_result';
  }
  throw error;
}

/** The failure of an update that was accepted but not completed when its workflow ended. */
const ENDED_MEANWHILE = 'AcceptedUpdateCompletedWorkflow';

/**
 * The server's own response, which it doesn't store, to an update in the wrong workflow task: the
 * workflow's last task, or one whose worker died.
 */
const NOT_LOOKED_AT = 'UnprocessedUpdate';

function explainFailure(error: WorkflowUpdateFailedError): 'closed' | 'not_looked_at' {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  if (cause.type === ENDED_MEANWHILE) return 'closed';
  if (cause.type === NOT_LOOKED_AT) return 'not_looked_at';
  if (isCode(cause.type)) throw refusalOf(cause.type, cause);
  throw error;
}

function isCode(type: string | undefined | null): type is Refused['code'] {
  const codes: readonly string[] = [...REFUSAL_CODES, 'validation_failed'];
  return typeof type === 'string' && codes.includes(type);
}

/** Details of a refusal beside its code and text. Workers of an earlier release send none. */
const Details = z.object({
  retryAt: z.iso.datetime().optional(),
  expected: z.object({ amount: z.int(), currency: z.string() }).optional(),
}) satisfies z.ZodType<{ retryAt?: string | undefined; expected?: Money | undefined }>;

function refusalOf(code: Refused['code'], { message, details }: ApplicationFailure): Refused {
  const { retryAt, expected } = Details.safeParse(details?.[0]).data ?? {};
  return new Refused(code, message, {
    retryAt: retryAt === undefined ? undefined : new Date(retryAt),
    expected,
  });
}
