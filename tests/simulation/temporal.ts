import './virtual-time';
import type { Payload } from '@temporalio/common';
import { attempted, resolved, type Result } from './activity-results';
import { asText, typeOf } from './history-text';
import { activityOf, msOf, type Duration, type OpenActivity } from './open-activity';
import {
  payloadsOf,
  valueOf,
  WorkflowRun,
  type Activation,
  type Command,
  type Job,
} from './workflow-run';
import { STARTED_AT, type World } from './world';

/** What an update was answered, and when it was accepted. */
export interface Answer {
  name: string;
  request: unknown;
  acceptedAt?: number;
  isRejected?: true;
  /** Its run was terminated before it answered. */
  isLost?: true;
  result?: unknown;
  /** The type of the failure that it ended with. */
  refusal?: string;
  answers: number;
}

interface Terms {
  random: () => number;
  faults: number;
  crashes: number;
  isLong: boolean;
}

export type Activities = Record<string, (...args: never[]) => unknown>;

/** More workflow tasks than any booking needs: one that has them goes round in circles. */
const MAX_TASKS = 2_000;
const ATTEMPT_LIMIT_MS = 5_000;
const WORKFLOW_ID = (bookingId: string) => `booking-${bookingId}`;

/**
 * The part of Temporal's server and of the workers, for one workflow: its history, timers, messages
 * and activities, in virtual time. What comes when, which tries fail, and when a worker dies, is up
 * to the random numbers of the run.
 *
 * A worker that dies loses the workflow task that it was at: what local activities have done by
 * then stays done. Its successor replays the history, and must decide as it says.
 */
export class SimulatedTemporal {
  readonly answers = new Map<string, Answer>();
  outcome:
    { status: 'completed'; result: unknown } | { status: 'failed'; type: string } | undefined;
  replays = 0;
  private agenda: { at: number; order: number; happens: () => void }[] = [];
  private order = 0;
  private run!: WorkflowRun;
  private history: { activation: Activation; commands: string[] }[] = [];
  private inbox: Job[] = [];
  private timers = new Set<number>();
  private open = new Map<number, OpenActivity>();
  private locals = new Map<number, OpenActivity>();
  private runs = 0;
  private tasks = 0;

  constructor(
    private readonly workflow: (input: never) => Promise<unknown>,
    private readonly bookingId: string,
    private readonly world: World,
    private readonly activities: Activities,
    private readonly terms: Terms,
  ) {}

  get isOver(): boolean {
    return this.outcome !== undefined;
  }

  start(input: unknown): void {
    this.runs += 1;
    this.history = [];
    this.timers.clear();
    this.open.clear();
    this.locals.clear();
    const runId = `run-${this.runs}`;
    this.run = this.newRun();
    this.inbox = [
      {
        variant: 'initializeWorkflow',
        initializeWorkflow: {
          workflowId: WORKFLOW_ID(this.bookingId),
          runId,
          arguments: payloadsOf(input),
        },
      },
      ...this.inbox.filter(({ variant }) => variant === 'doUpdate' || variant === 'signalWorkflow'),
    ];
  }

  /** Ends the run without a word, as an operator can, or a lost server. */
  terminate(): void {
    this.outcome = { status: 'failed', type: 'terminated' };
    this.inbox = [];
    for (const [id, answer] of this.answers) {
      if (answer.answers > 0) continue;
      // Its sender is told that the run has ended, and that the answer is not known.
      answer.isLost = true;
      if (answer.acceptedAt === undefined) this.answers.delete(id);
    }
  }

  at(at: number, happens: () => void): void {
    this.order += 1;
    this.agenda.push({ at: Math.max(at, this.world.now), order: this.order, happens });
  }

  signal(signalName: string, ...input: unknown[]): void {
    if (this.isOver) return;
    this.inbox.push({
      variant: 'signalWorkflow',
      signalWorkflow: { signalName, input: payloadsOf(...input) },
    });
  }

  update(id: string, name: string, request: unknown): void {
    if (this.isOver || this.answers.has(id)) return;
    this.answers.set(id, { name, request, answers: 0 });
    const input = request === undefined ? [] : payloadsOf(request);
    this.inbox.push({
      variant: 'doUpdate',
      doUpdate: { id, protocolInstanceId: id, name, input, runValidator: true },
    });
  }

  cancel(): void {
    if (!this.isOver) this.inbox.push({ variant: 'cancelWorkflow', cancelWorkflow: {} });
  }

  /** Lets all of it happen, until nothing is left to. */
  async play(): Promise<void> {
    for (;;) {
      const isTaskDue = this.inbox.length > 0 || this.locals.size > 0;
      if (isTaskDue && !this.isOver) {
        // What comes while the task is on its way is in it.
        this.world.now += Math.floor(this.terms.random() * 30);
        this.happen(this.world.now);
        await this.task();
        continue;
      }
      const next = this.nextAt();
      if (next === undefined) return;
      this.happen(next);
    }
  }

  private nextAt(): number | undefined {
    if (this.agenda.length === 0) return undefined;
    return this.agenda.reduce((least, { at }) => Math.min(least, at), Infinity);
  }

  /** Lets happen what is due by then. */
  private happen(until: number): void {
    for (;;) {
      let next = -1;
      for (const [index, one] of this.agenda.entries()) {
        const best = this.agenda[next];
        if (
          one.at <= until &&
          (best === undefined || one.at < best.at || (one.at === best.at && one.order < best.order))
        )
          next = index;
      }
      const due = this.agenda[next];
      if (due === undefined) break;
      this.agenda.splice(next, 1);
      this.world.now = Math.max(this.world.now, due.at);
      due.happens();
    }
    this.world.now = Math.max(this.world.now, until);
  }

  private newRun(): WorkflowRun {
    return new WorkflowRun(this.workflow, {
      workflowId: WORKFLOW_ID(this.bookingId),
      runId: `run-${this.runs}`,
      startedAt: STARTED_AT,
    });
  }

  private async task(): Promise<void> {
    this.tasks += 1;
    if (this.tasks > MAX_TASKS) throw new Error('The workflow goes round in circles');
    const { random, crashes } = this.terms;
    let taken = this.inbox;
    let isLate = false;
    this.inbox = [];
    let begun: typeof this.history = [];
    let asked: Command[] = [];
    let jobs = sorted(taken);
    for (;;) {
      if (jobs.length > 0) {
        const activation = { now: this.world.now, isLong: this.isLong(), jobs };
        const commands = await this.run.activate(activation, false);
        begun.push({ activation, commands: commands.map(asText) });
        asked.push(...commands);
        this.noteLocals(commands);
        if (random() < crashes) return this.die(taken);
      }
      const [local] = this.locals.values();
      if (local === undefined) break;
      const result = this.runLocally(local, isLate);
      if (result === 'died') return this.die(taken);
      if (result !== undefined) {
        this.locals.delete(local.seq);
        jobs = [resolved(local.seq, result, true)];
        continue;
      }
      // It takes long: the task is completed as far as it is, and the next one has what came since.
      this.commit(begun, asked);
      begun = [];
      asked = [];
      isLate = true;
      this.happen(this.world.now + Math.floor(random() * 2_000));
      taken = this.inbox;
      this.inbox = [];
      jobs = sorted(taken);
    }
    this.commit(begun, asked);
    if (random() < crashes && !this.isOver) await this.replay();
  }

  private isLong(): boolean {
    return this.terms.isLong && this.runs < 3 && this.tasks > 6;
  }

  /** Returns the result; `died` if the worker has; undefined when it takes long. */
  private runLocally(activity: OpenActivity, isToEnd: boolean): Result | 'died' | undefined {
    const { random, faults, crashes } = this.terms;
    if (!isToEnd && random() < 0.1) return undefined;
    for (let tries = 0; ; tries += 1) {
      this.world.now += Math.floor(random() * 20);
      const fails = tries < 20 && random() < faults;
      if (fails && random() < 0.5) {
        this.world.now += 500;
        continue;
      }
      if (tries > 40) throw new Error(`${activity.name} fails for ever`);
      const effect = this.toEnd(activity);
      if (random() < crashes) return 'died';
      if (effect !== undefined && !fails) return effect;
      this.world.now += 500;
    }
  }

  private toEnd(activity: OpenActivity): Result | undefined {
    const steps = this.begin(activity);
    for (;;) {
      const step = attempted(() => steps.next());
      if (step === undefined) return undefined;
      if ('refusal' in step) return step;
      if (step.value.done === true) return { value: step.value.value };
    }
  }

  /** Runs an activity when it is asked for its first step: a model in one step returns no steps. */
  private *begin({ name, args }: OpenActivity): Generator<void, unknown> {
    const activity = this.activities[name];
    if (activity === undefined) throw new Error(`Bug: no model of ${name}`);
    const made = activity(...args);
    return isInSteps(made) ? yield* made : made;
  }

  /** The worker dies within a task: what it was told comes again. */
  private async die(taken: Job[]): Promise<void> {
    this.inbox = [...taken, ...this.inbox];
    this.world.now += Math.floor(this.terms.random() * 200);
    await this.replay();
  }

  /** Another worker takes over: it must decide as the history says. */
  private async replay(): Promise<void> {
    this.replays += 1;
    this.run = this.newRun();
    this.locals.clear();
    for (const { activation, commands } of this.history) {
      const patches = commands
        .filter((command) => command.startsWith('setPatchMarker'))
        .map((command) => ({
          variant: 'notifyHasPatch',
          notifyHasPatch: { patchId: command.split(' ')[1] },
        }));
      const jobs = activation.jobs.map((job) =>
        job.variant === 'doUpdate'
          ? { ...job, doUpdate: { ...(job.doUpdate as object), runValidator: false } }
          : job,
      );
      const isRejected = (job: Job) =>
        job.variant === 'doUpdate' &&
        this.answers.get((job.doUpdate as { id: string }).id)?.isRejected === true;
      const again = {
        ...activation,
        jobs: [...patches, ...jobs.filter((job) => !isRejected(job))],
      };
      if (again.jobs.length === 0) continue;
      const asked = await this.run.activate(again, true);
      this.noteLocals(asked);
      for (const job of activation.jobs)
        if (job.variant === 'resolveActivity') {
          const { seq, isLocal } = job.resolveActivity as { seq: number; isLocal: boolean };
          if (isLocal) this.locals.delete(seq);
        }
      const replayed = asked.map(asText).join('\n');
      const recorded = commands.filter((command) => !this.isRejection(command)).join('\n');
      if (replayed !== recorded)
        throw new Error(`A replay decides otherwise:\n${replayed}\ninstead of\n${recorded}`);
    }
  }

  /** Whether it refuses an update that is not accepted: no history has that. */
  private isRejection(command: string): boolean {
    const [kind, id = '', answer] = command.split(' ');
    return kind === 'update' && answer === 'rejected' && this.answers.get(id)?.isRejected === true;
  }

  private commit(begun: typeof this.history, asked: Command[]): void {
    this.history.push(...begun);
    for (const command of asked) this.carryOut(command);
  }

  private noteLocals(commands: readonly Command[]): void {
    for (const { scheduleLocalActivity: local } of commands)
      if (local !== undefined)
        this.locals.set(local.seq as number, activityOf(local, this.world.now));
  }

  private carryOut(command: Command): void {
    const { startTimer, cancelTimer, scheduleActivity, requestCancelActivity, updateResponse } =
      command;
    if (startTimer !== undefined) {
      const seq = startTimer.seq as number;
      this.timers.add(seq);
      const run = this.runs;
      this.at(this.world.now + msOf(startTimer.startToFireTimeout as Duration), () => {
        if (run !== this.runs || this.isOver || !this.timers.delete(seq)) return;
        this.inbox.push({ variant: 'fireTimer', fireTimer: { seq } });
      });
    } else if (cancelTimer !== undefined) {
      const seq = cancelTimer.seq as number;
      this.timers.delete(seq);
      this.inbox = this.inbox.filter(
        (job) => (job.fireTimer as { seq?: number } | undefined)?.seq !== seq,
      );
    } else if (scheduleActivity !== undefined) {
      const activity = activityOf(scheduleActivity, this.world.now);
      this.open.set(activity.seq, activity);
      this.attempt(activity, this.world.now);
    } else if (requestCancelActivity !== undefined) {
      const activity = this.open.get(requestCancelActivity.seq as number);
      if (activity === undefined || activity.isDone) return;
      activity.isCancelled = true;
      if (!activity.isRunning) this.resolve(activity, { cancelled: true });
    } else if (updateResponse !== undefined) this.answer(updateResponse);
    else if (command.completeWorkflowExecution !== undefined)
      this.outcome = {
        status: 'completed',
        result: valueOf(command.completeWorkflowExecution.result),
      };
    else if (command.failWorkflowExecution !== undefined)
      this.outcome = { status: 'failed', type: typeOf(command.failWorkflowExecution.failure) };
    else if (command.continueAsNewWorkflowExecution !== undefined)
      this.start(valueOf((command.continueAsNewWorkflowExecution.arguments as Payload[])[0]));
  }

  private answer(response: Record<string, unknown>): void {
    const known = this.answers.get(response.protocolInstanceId as string);
    if (known === undefined) throw new Error('Bug: an update that nobody sent is answered');
    if (response.accepted !== undefined && response.accepted !== null) {
      known.acceptedAt = this.world.now;
      return;
    }
    known.answers += 1;
    if (response.rejected !== undefined && response.rejected !== null) {
      known.refusal = typeOf(response.rejected);
      if (known.acceptedAt === undefined) known.isRejected = true;
    } else known.result = valueOf(response.completed);
  }

  private attempt(activity: OpenActivity, at: number): void {
    const { random, faults } = this.terms;
    const run = this.runs;
    const isOver = () => run !== this.runs || this.isOver;
    this.at(at + Math.floor(random() * 40), () => {
      if (activity.isDone || isOver()) return;
      activity.attempts += 1;
      activity.isRunning = true;
      const steps = this.begin(activity);
      const isFaulty = random() < faults && activity.attempts < 60;
      const isSlow = isFaulty && random() < 0.3;
      const startedAt = this.world.now;
      let isGivenUp = false;
      const end = (result: Result) => {
        if (!isOver()) this.resolve(activity, result);
      };
      const giveUp = () => {
        if (isGivenUp || activity.isDone || isOver()) return;
        isGivenUp = true;
        activity.isRunning = false;
        const next = this.world.now + Math.min(10_000, 200 * 2 ** activity.attempts);
        const isLast = activity.attempts >= activity.maxAttempts || next >= activity.giveUpAt;
        if (activity.isCancelled) end({ cancelled: true });
        else if (isLast)
          this.at(Math.min(next, activity.giveUpAt), () => {
            end({ isTimeout: true });
          });
        else this.attempt(activity, next);
      };
      const step = () => {
        // A process that was killed does nothing more; one that is slow goes on, beside the next.
        const isKilled = isFaulty && !isSlow && random() < 0.4;
        const done = isKilled ? undefined : attempted(() => steps.next());
        const isLost = isFaulty || isGivenUp;
        if (done === undefined) giveUp();
        else if ('refusal' in done) {
          if (isLost) giveUp();
          else end(done);
        } else if (done.value.done !== true)
          this.at(this.world.now + Math.floor(random() * (isSlow ? 4_000 : 200)), step);
        else if (isLost) giveUp();
        else end({ value: done.value.value });
      };
      if (isSlow) this.at(startedAt + ATTEMPT_LIMIT_MS, giveUp);
      this.at(this.world.now + Math.floor(random() * (isSlow ? 4_000 : 100)), step);
    });
  }

  private resolve(activity: OpenActivity, result: Result): void {
    if (activity.isDone) return;
    activity.isDone = true;
    this.open.delete(activity.seq);
    this.inbox.push(resolved(activity.seq, result, false, activity.name));
  }
}

/** Signals and updates come before what else there is, as the SDK's core has it. */
function sorted(jobs: readonly Job[]): Job[] {
  const rank = ({ variant }: Job) => {
    if (variant === 'initializeWorkflow') return 0;
    return variant === 'signalWorkflow' || variant === 'doUpdate' ? 1 : 2;
  };
  return [...jobs].sort((one, other) => rank(one) - rank(other));
}

function isInSteps(made: unknown): made is Generator<void, unknown> {
  return typeof made === 'object' && made !== null && 'next' in made;
}
