import { asText } from './history-text';
import type { Activation, Command, Job, WorkflowRun } from './workflow-run';

/** One turn of a workflow within a task: what it was told, and what it asked for. */
export interface Turn {
  activation: Activation;
  commands: string[];
}

/** A workflow task that was completed. */
export interface Task {
  begunAt: number;
  turns: Turn[];
}

/** In which order, and how far at once, a replay brings what the history has. */
export type ReplayOrder = 'as_recorded' | 'locals_first' | 'merged';

/** Which updates the history has nothing of, since their validator has refused them. */
export type IsRejected = (updateId: string) => boolean;

/**
 * What a workflow's history has of its tasks, for another worker to replay.
 *
 * A replay may bring results in other ways than `as_recorded`. `locals_first`: the SDK's core may
 * bring the result of a slow local activity before timers and results of other activities that its
 * task was begun for. `merged`: it brings that result together with them, at the time of the result;
 * and what a task was begun for that left nothing in the history, at the time of the next one.
 * Messages come before either.
 */
export class RecordedHistory {
  private readonly tasks: Task[] = [];

  add(task: Task): void {
    if (task.turns.length > 0) this.tasks.push(task);
  }

  /**
   * Has a new run decide as the history says. Returns what it asked for, and the numbers of the
   * local activities that have ended.
   *
   * @throws when it decides otherwise.
   */
  async replay(
    run: WorkflowRun,
    order: ReplayOrder,
    isRejected: IsRejected,
  ): Promise<{ commands: Command[]; localsEnded: number[] }> {
    const asked: Command[] = [];
    for (const turns of inOrder(this.tasks, order)) {
      const replayed: Command[] = [];
      for (const { activation, commands: recorded } of turns) {
        const again = {
          ...activation,
          jobs: [...patchesOf(recorded), ...replayable(activation.jobs, isRejected)],
        };
        if (again.jobs.length === 0) continue;
        const commands = await run.activate(again, true).catch((failure: unknown) => {
          throw new Error(`A replay (${order}) decides otherwise: ${String(failure)}`);
        });
        replayed.push(...commands);
      }
      compare(
        replayed.map(asText),
        turns.flatMap(({ commands }) => commands).filter((text) => !isRejection(text, isRejected)),
        order,
      );
      asked.push(...replayed);
    }
    const turns = this.tasks.flatMap((task) => task.turns);
    const localsEnded = turns.flatMap(({ activation: { jobs } }) =>
      jobs.flatMap((job) => localSeqOf(job) ?? []),
    );
    return { commands: asked, localsEnded };
  }
}

function inOrder(tasks: readonly Task[], order: ReplayOrder): Turn[][] {
  switch (order) {
    case 'as_recorded':
      return tasks.map(({ turns }) => turns);
    case 'locals_first':
      return localsFirst(tasks.map(({ turns }) => turns));
    case 'merged':
      return merged(tasks);
    default:
      throw new Error(`Bug: ${String(order satisfies never)} is no order`);
  }
}

/**
 * Merges what a task was begun for with the result of a local activity of an earlier task; and a
 * task that left nothing in the history, after another such one, with the next one if that was begun
 * for nothing but to go on.
 */
function merged(tasks: readonly Task[]): Turn[][] {
  const asked = new Set<number>();
  const all: Turn[][] = [];
  let begun: Turn[] = [];
  let isAfterNothing = true;
  for (const [index, { turns }] of tasks.entries()) {
    begun.push(...turns);
    const leavesNothing = turns.every((turn) => turn.commands.length === 0 && !isOfLocals(turn));
    const next = tasks[index + 1];
    if (
      isAfterNothing &&
      leavesNothing &&
      next?.turns[0] !== undefined &&
      isOfLocals(next.turns[0])
    ) {
      begun = begun.map((turn) => at(next.begunAt, turn));
      continue;
    }
    all.push(withLocals(begun, asked));
    for (const turn of begun) for (const seq of turn.activation.localsAsked ?? []) asked.add(seq);
    begun = [];
    isAfterNothing = leavesNothing;
  }
  return all;
}

/** Merges the first turn with the results of local activities that were asked for before it. */
function withLocals([first, ...rest]: readonly Turn[], asked: ReadonlySet<number>): Turn[] {
  if (first === undefined) return [];
  const isEarly = ({ activation: { jobs } }: Turn) =>
    jobs.every((job) => asked.has(localSeqOf(job) ?? -1));
  return [rest.filter(isEarly).reduce(together, first), ...rest.filter((turn) => !isEarly(turn))];
}

function together(one: Turn, next: Turn): Turn {
  const localsAsked = [one, next].flatMap(({ activation }) => activation.localsAsked ?? []);
  const jobs = [...one.activation.jobs, ...next.activation.jobs];
  return {
    activation: { ...next.activation, jobs, localsAsked },
    commands: [...one.commands, ...next.commands],
  };
}

function at(now: number, { activation, commands }: Turn): Turn {
  return { activation: { ...activation, now }, commands };
}

function isOfLocals({ activation: { jobs } }: Turn): boolean {
  return jobs.every((job) => localSeqOf(job) !== undefined);
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
 * In the order `locals_first` the same is asked for, in another order. What an update returns may be
 * another state then, as when results are merged: nobody reads it, and a history is not compared
 * with it.
 */
function compare(replayed: string[], recorded: string[], order: ReplayOrder): void {
  const compared = (texts: string[]) => {
    const kept = order === 'as_recorded' ? texts : texts.map(withoutResult);
    return (order === 'locals_first' ? kept.sort() : kept).join('\n');
  };
  if (compared(replayed) !== compared(recorded))
    throw new Error(
      `A replay (${order}) decides otherwise:\n${replayed.join('\n')}\ninstead of\n${recorded.join('\n')}`,
    );
}

function withoutResult(text: string): string {
  return text.replace(/^(update \S+) \{.*$/s, '$1 completed');
}
