import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AnsweringRun } from '../contracts/booking';
import type { UpdateOutcome } from './execute-update';
import { Refused } from './refused';

/**
 * One try to get an outcome: the request's ID, and a suffix that distinguishes the update's ID from
 * that of an earlier run.
 */
export interface Attempt {
  startedBy: string;
  /** Empty at first: all requests to the first run share its update. */
  updateIdSuffix: string;
}

/** A run that gave its outcome closes a moment later; these are far more tries than that takes. */
const MAX_ATTEMPTS = 20;

/** Pause between two tries, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Gets an outcome from a workflow, where another run may decide otherwise. Such an outcome names
 * its run.
 *
 * Temporal repeats the outcome of a closed run for the update ID that it came with. Such an old
 * outcome isn't returned: the next try uses a new update ID, so that a new run starts and decides.
 *
 * An outcome is new when this request started its run. If requests under one ID are equal
 * (`isShared`), it is also new when its run came after another run that this request has seen.
 */
export async function updateAfresh<T extends object>(
  ask: (attempt: Attempt) => Promise<UpdateOutcome<T>>,
  { isShared }: { isShared: boolean },
): Promise<UpdateOutcome<T>> {
  const startedBy = randomUUID();
  let earlier: AnsweringRun | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 1) await wait(PAUSE_MS);
    const updateIdSuffix =
      earlier === undefined ? '' : `-${String(attempt)}-after-${earlier.runId}`;
    const answer = await ask({ startedBy, updateIdSuffix });
    // The run was just closing: it failed, or its outcome is in the database.
    if (answer.kind === 'closed' && earlier !== undefined) continue;
    if (answer.kind !== 'completed') return answer;
    const run = runOf(answer.result);
    if (run === undefined || run.startedBy === startedBy) return answer;
    if (isShared && earlier !== undefined && run.runId !== earlier.runId) return answer;
    earlier = run;
  }
  return { kind: 'no_result' };
}

function runOf(result: object & { run?: AnsweringRun }): AnsweringRun | undefined {
  return result.run;
}

/**
 * Sends an update again whose refusal was temporary: Temporal repeats the refusal for the same
 * update ID for ever. Once the time that the refusal named has passed, the next try uses another
 * ID, which derives from that time.
 *
 * @throws Refused while that time has not come.
 */
export async function updateUntilRefusedAnew<T>(
  updateId: string,
  ask: (updateId: string) => Promise<UpdateOutcome<T>>,
): Promise<UpdateOutcome<T>> {
  const tried = new Set<string>();
  for (let next = updateId; ;) {
    tried.add(next);
    try {
      return await ask(next);
    } catch (error) {
      const retryAt = error instanceof Refused ? error.retryAt : undefined;
      if (retryAt === undefined || retryAt.getTime() > Date.now()) throw error;
      next = `${updateId}-after-${retryAt.toISOString()}`;
      if (tried.has(next)) throw error;
    }
  }
}
