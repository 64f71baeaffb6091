import { asText } from './history-text';
import type { Activation, Command, Job, WorkflowRun } from './workflow-run';

/** One turn of a workflow within a task: what it was told, and what it asked for. */
export interface Turn {
  activation: Activation;
  commands: string[];
}

/** Which updates the history has nothing of, since their validator has refused them. */
export type IsRejected = (updateId: string) => boolean;

/**
 * What a workflow's history has of its tasks, for another worker to replay.
 *
 * A replay may bring results in two orders. `as_recorded`; or `locals_first`, in which the SDK's
 * core may bring the result of a slow local activity: it finds the result recorded with the next
 * task, and hands it over before timers and results of other activities that the task was begun for.
 * Messages come before either.
 */
export class RecordedHistory {
  private readonly tasks: Turn[][] = [];

  add(turns: Turn[]): void {
    if (turns.length > 0) this.tasks.push(turns);
  }

  /**
   * Has a new run decide as the history says. Returns what it asked for, and the numbers of the
   * local activities that have ended.
   *
   * @throws when it decides otherwise.
   */
  async replay(
    run: WorkflowRun,
    order: 'as_recorded' | 'locals_first',
    isRejected: IsRejected,
  ): Promise<{ commands: Command[]; localsEnded: number[] }> {
    const asked: Command[] = [];
    for (const turns of order === 'as_recorded' ? this.tasks : localsFirst(this.tasks)) {
      const replayed: Command[] = [];
      for (const { activation, commands } of turns) {
        const again = {
          ...activation,
          jobs: [...patchesOf(commands), ...replayable(activation.jobs, isRejected)],
        };
        if (again.jobs.length > 0) replayed.push(...(await run.activate(again, true)));
      }
      compare(
        replayed.map(asText),
        turns.flatMap(({ commands }) => commands).filter((text) => !isRejection(text, isRejected)),
        order,
      );
      asked.push(...replayed);
    }
    const turns = this.tasks.flat();
    const localsEnded = turns.flatMap(({ activation: { jobs } }) =>
      jobs.flatMap((job) => localSeqOf(job) ?? []),
    );
    return { commands: asked, localsEnded };
  }
}

/** Moves results of local activities of earlier tasks, and what follows, before the rest. */
function localsFirst(tasks: readonly Turn[][]): Turn[][] {
  const asked = new Set<number>();
  return tasks.map((turns) => {
    const known = new Set(asked);
    const early: Turn[] = [];
    for (const turn of turns) {
      const { jobs, localsAsked = [] } = turn.activation;
      for (const seq of localsAsked) asked.add(seq);
      if (!jobs.every((job) => known.has(localSeqOf(job) ?? -1))) continue;
      early.push(turn);
      for (const seq of localsAsked) known.add(seq);
    }
    const hasMessages = turns.some(({ activation }) => activation.jobs.some(isMessage));
    return hasMessages ? turns : [...early, ...turns.filter((turn) => !early.includes(turn))];
  });
}

function isMessage({ variant }: Job): boolean {
  return !['fireTimer', 'resolveActivity'].includes(variant);
}

function localSeqOf(job: Job): number | undefined {
  const { seq, isLocal } = (job.resolveActivity ?? {}) as { seq?: number; isLocal?: boolean };
  return isLocal === true ? seq : undefined;
}

function patchesOf(commands: readonly string[]): Job[] {
  return commands
    .filter((command) => command.startsWith('setPatchMarker'))
    .map((command) => ({
      variant: 'notifyHasPatch',
      notifyHasPatch: { patchId: command.split(' ')[1] },
    }));
}

/** No history has what a validator refused; and none asks it again. */
function replayable(jobs: readonly Job[], isRejected: IsRejected): Job[] {
  return jobs.flatMap((job) => {
    if (job.variant !== 'doUpdate') return [job];
    const update = job.doUpdate as { id: string };
    return isRejected(update.id) ? [] : [{ ...job, doUpdate: { ...update, runValidator: false } }];
  });
}

function isRejection(text: string, isRejected: IsRejected): boolean {
  const [kind, id = '', answer] = text.split(' ');
  return kind === 'update' && answer === 'rejected' && isRejected(id);
}

/**
 * In another order of results the same is asked for, in another order. What an update returns may be
 * another state then: nobody reads it, and a history is not compared with it.
 */
function compare(replayed: string[], recorded: string[], order: string): void {
  const inOrder = (texts: string[]) =>
    (order === 'as_recorded' ? texts : texts.map(withoutResult).sort()).join('\n');
  if (inOrder(replayed) !== inOrder(recorded))
    throw new Error(
      `A replay (${order}) decides otherwise:\n${replayed.join('\n')}\ninstead of\n${recorded.join('\n')}`,
    );
}

function withoutResult(text: string): string {
  return text.replace(/^(update \S+) \{.*$/s, '$1 completed');
}
