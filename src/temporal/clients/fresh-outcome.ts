import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AnsweringRun } from '../contracts';
import type { UpdateOutcome } from './execute-update';
import { Refused } from './refused';

/**
 * One try at asking: who asks, and what makes the update's ID another than that of an earlier run.
 */
export interface Attempt {
  startedBy: string;
  /** Empty at first: whoever asks the first run shares its update. */
  updateIdSuffix: string;
}

/** A run that answered is closed a moment later; these are far more tries than that takes. */
const MAX_ATTEMPTS = 20;

/** Between two tries, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Asks a workflow for an answer that names its run where another run may answer differently.
 * Temporal repeats the answer of a closed run to the update ID that it came with. Such an old
 * answer isn't passed on: the next try has an update ID of its own, so that a run begins which
 * decides anew.
 *
 * An answer counts as new when this request started its run. Where requests under one ID ask for
 * the same, `isShared`, it is new, too, when its run came after another one that this request has
 * seen.
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
    // The run was closing just then: it failed, or its outcome is in the database.
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
 * Sends an update whose refusal may be over: Temporal repeats it under the update's ID for ever.
 * Once the time that the refusal named has come, the next try has another ID, which derives from
 * that time.
 *
 * @throws Refused while it is to be waited for.
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
