import './virtual-time';
import type { Payload } from '@temporalio/common';
import { resolved, type Result } from './activity-results';
import { tryActivity } from './activity-tries';
import { Answers } from './answers';
import { asText, typeOf } from './history-text';
import { runLocally } from './local-tries';
import { activityOf, msOf, type Duration, type OpenActivity } from './open-activity';
import { RecordedHistory, type ReplayOrder, type Task, type Turn } from './recorded-history';
import type { Terms } from './terms';
import {
  payloadsOf,
  valueOf,
  WorkflowRun,
  type Command,
  type Job,
  type Workflow,
} from './workflow-run';

export type Outcome = { status: 'completed'; result: unknown } | { status: 'failed'; type: string };

const TERMINATED = 'terminated';

/** Clocks are put forward and back again seldom: not during each wait of seconds. */
const LONG_TIMER_MS = 5_000;

/** Who has no answer asks again after up to so long. */
const ASKED_AGAIN_MS = 10_000;

/** More workflow tasks than any workflow needs: one that has them goes round in circles. */
const MAX_TASKS = 2_000;

/** What a workflow has asked for in one activation, and what time it had. */
interface Asked {
  at: number;
  commands: Command[];
}

/**
 * One workflow, by its ID, with its part of Temporal's server: history, timers, messages and
 * activities, in virtual time.
 *
 * A worker that dies loses the workflow task that it was at: what local activities have done by
 * then stays done. Its successor replays the history, and must decide as it says.
 */
export class SimulatedWorkflow {
  readonly answers = new Answers();
  outcome: Outcome | undefined;
  /** The types of the failures that runs ended with, other than those that were terminated. */
  readonly failures: string[] = [];
  /** When its last run ended. */
  endedAt = 0;
  replays = 0;
  private run!: WorkflowRun;
  private history = new RecordedHistory();
  private inbox: Job[] = [];
  private readonly timers = new Set<number>();
  private readonly open = new Map<number, OpenActivity>();
  private readonly locals = new Map<number, OpenActivity>();
  private runs = 0;
  private tasks = 0;
  private startedAt = 0;

  constructor(
    private readonly definition: { id: string; type: string; workflow: Workflow },
    private readonly terms: Terms,
  ) {}

  get isOver(): boolean {
    return this.outcome !== undefined;
  }

  get isTaskDue(): boolean {
    return !this.isOver && (this.inbox.length > 0 || this.locals.size > 0);
  }

  /** Starts a run, after another one or as the first. It gets the messages that wait. */
  start(input: unknown): void {
    this.runs += 1;
    this.outcome = undefined;
    this.history = new RecordedHistory();
    for (const left of [this.timers, this.open, this.locals]) left.clear();
    this.startedAt = this.terms.world.now;
    this.run = this.newRun();
    const begin = {
      workflowId: this.definition.id,
      runId: this.runId,
      arguments: payloadsOf(input),
    };
    const messages = this.inbox.filter(
      ({ variant }) => variant === 'doUpdate' || variant === 'signalWorkflow',
    );
    this.inbox = [{ variant: 'initializeWorkflow', initializeWorkflow: begin }, ...messages];
  }

  /** Ends the run without a word, as an operator can, or a lost server. */
  terminate(): void {
    this.end({ status: 'failed', type: TERMINATED });
    this.inbox = [];
    this.answers.lose();
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

  /** Carries out one workflow task: whatever the workflow does with all that has come. */
  async task(): Promise<void> {
    this.tasks += 1;
    if (this.tasks > MAX_TASKS) throw new Error('The workflow goes round in circles');
    const { random, crashes, agenda, world } = this.terms;
    const isStale = this.sinceNow();
    let isLate = false;
    let begunAt = world.now;
    let taken = this.takeInbox();
    let turns: Turn[] = [];
    let asked: Asked[] = [];
    let jobs = sorted(taken);
    for (;;) {
      if (jobs.length > 0) {
        const activation = { now: world.now, isLong: this.isLong(), jobs };
        const commands = await this.run.activate(activation, false);
        const localsAsked = this.noteLocals(commands);
        turns.push({ activation: { ...activation, localsAsked }, commands: commands.map(asText) });
        asked.push({ at: activation.now, commands });
        if (random() < crashes) return this.die(taken);
      }
      const [local] = this.locals.values();
      if (local === undefined) break;
      const result = runLocally(this.terms, local, isLate);
      if (result === 'died') return this.die(taken);
      if (result !== undefined) {
        this.locals.delete(local.seq);
        jobs = [resolved(local.seq, result, true)];
        continue;
      }
      // It takes long: the task is completed as far as it is, and the next one has what came since.
      this.commit({ begunAt, turns }, asked);
      [turns, asked, isLate] = [[], [], true];
      agenda.letHappen(world.now + Math.floor(random() * 2_000));
      begunAt = world.now;
      // The run was terminated meanwhile, and perhaps another one has begun.
      if (isStale()) return;
      taken = this.takeInbox();
      jobs = sorted(taken);
    }
    this.commit({ begunAt, turns }, asked);
    if (random() < crashes && !this.isOver) await this.replay();
  }

  private takeInbox(): Job[] {
    const taken = this.inbox;
    this.inbox = [];
    return taken;
  }

  private isLong(): boolean {
    return this.terms.isLong && this.runs < 3 && this.tasks > 6;
  }

  private get runId(): string {
    return `run-${this.runs}`;
  }

  private newRun(): WorkflowRun {
    const { id: workflowId, type: workflowType, workflow } = this.definition;
    const { runId, startedAt } = this;
    return new WorkflowRun(workflow, { workflowId, workflowType, runId, startedAt });
  }

  /**
   * The worker dies within a task: what it was told comes again. Updates that were not on record are
   * only in the server's memory: where it dies, too, nobody but their senders knows of them.
   */
  private async die(taken: Job[]): Promise<void> {
    this.inbox = [...taken, ...this.inbox];
    if (this.terms.losesMessages === true) this.loseUpdates();
    this.terms.world.now += Math.floor(this.terms.random() * 200);
    await this.replay();
  }

  /** Half of the senders ask again. */
  private loseUpdates(): void {
    const { agenda, world, random } = this.terms;
    const lost = this.inbox.filter(({ variant }) => variant === 'doUpdate');
    this.inbox = this.inbox.filter((job) => !lost.includes(job));
    for (const { doUpdate } of lost) {
      const { id } = doUpdate as { id: string };
      const sent = this.answers.get(id);
      this.answers.delete(id);
      if (random() < 0.5) continue;
      agenda.at(world.now + Math.floor(random() * ASKED_AGAIN_MS), () => {
        if (sent !== undefined) this.update(id, sent.name, sent.request);
      });
    }
  }

  /** Another worker takes over. */
  private async replay(): Promise<void> {
    this.replays += 1;
    this.run = this.newRun();
    const { commands, localsEnded } = await this.replayOn(this.run, orderOf(this.terms.random()));
    this.locals.clear();
    this.noteLocals(commands);
    for (const seq of localsEnded) this.locals.delete(seq);
  }

  /**
   * Replays its last run with its results merged, as for an operator who looks at it.
   *
   * @throws when that decides otherwise.
   */
  async lookBack(): Promise<void> {
    await this.replayOn(this.newRun(), 'merged');
  }

  private replayOn(run: WorkflowRun, order: ReplayOrder) {
    return this.history.replay(run, order, (id) => this.answers.isRejected(id));
  }

  private commit(task: Task, asked: readonly Asked[]): void {
    this.history.add(task);
    for (const { at, commands } of asked)
      for (const command of commands) this.carryOut(command, at);
  }

  /** Returns their numbers. */
  private noteLocals(commands: readonly Command[]): number[] {
    const asked = commands.flatMap(({ scheduleLocalActivity: local }) =>
      local === undefined ? [] : [activityOf(local, this.terms.world.now)],
    );
    for (const activity of asked) this.locals.set(activity.seq, activity);
    return asked.map(({ seq }) => seq);
  }

  private carryOut(command: Command, askedAt: number): void {
    if (command.startTimer !== undefined) this.startTimer(command.startTimer);
    else if (command.cancelTimer !== undefined) this.cancelTimer(command.cancelTimer.seq as number);
    else if (command.scheduleActivity !== undefined) this.beginActivity(command.scheduleActivity);
    else if (command.requestCancelActivity !== undefined)
      this.cancelActivity(command.requestCancelActivity.seq as number);
    else if (command.updateResponse !== undefined)
      this.answers.note(command.updateResponse, askedAt);
    else if (command.completeWorkflowExecution !== undefined)
      this.end({
        status: 'completed',
        result: valueOf(command.completeWorkflowExecution.result),
      });
    else if (command.failWorkflowExecution !== undefined)
      this.end({ status: 'failed', type: typeOf(command.failWorkflowExecution.failure) });
    else if (command.continueAsNewWorkflowExecution !== undefined)
      this.start(valueOf((command.continueAsNewWorkflowExecution.arguments as Payload[])[0]));
  }

  private end(outcome: Outcome): void {
    this.outcome = outcome;
    if (outcome.status === 'failed' && outcome.type !== TERMINATED)
      this.failures.push(outcome.type);
    this.endedAt = this.terms.world.now;
  }

  private startTimer({ seq, startToFireTimeout }: Record<string, unknown>): void {
    const { agenda, world, timersEarlyMs = 0 } = this.terms;
    const number = seq as number;
    this.timers.add(number);
    const isStale = this.sinceNow();
    const ms = msOf(startToFireTimeout as Duration);
    const earlyMs = ms < LONG_TIMER_MS ? 0 : timersEarlyMs;
    agenda.at(world.now + ms - earlyMs, () => {
      if (isStale() || !this.timers.delete(number)) return;
      this.inbox.push({ variant: 'fireTimer', fireTimer: { seq: number } });
    });
  }

  private cancelTimer(seq: number): void {
    this.timers.delete(seq);
    this.inbox = this.inbox.filter(
      (job) => (job.fireTimer as { seq?: number } | undefined)?.seq !== seq,
    );
  }

  private beginActivity(command: Record<string, unknown>): void {
    const activity = activityOf(command, this.terms.world.now);
    this.open.set(activity.seq, activity);
    tryActivity(this.terms, activity, {
      isOver: this.sinceNow(),
      tell: (result) => {
        this.tell(activity, result);
      },
    });
  }

  private cancelActivity(seq: number): void {
    const activity = this.open.get(seq);
    if (activity === undefined || activity.isDone) return;
    activity.isCancelled = true;
    if (activity.isRunning) return;
    activity.isDone = true;
    this.tell(activity, { cancelled: true });
  }

  private tell({ seq, name }: OpenActivity, result: Result): void {
    this.open.delete(seq);
    this.inbox.push(resolved(seq, result, false, name));
  }

  /** Returns what tells whether the present run has ended. */
  private sinceNow(): () => boolean {
    const run = this.runs;
    return () => run !== this.runs || this.isOver;
  }
}

function orderOf(share: number): ReplayOrder {
  if (share < 0.5) return 'locals_first';
  return share < 0.8 ? 'merged' : 'as_recorded';
}

/** Signals and updates come before what else there is, as the SDK's core has it. */
function sorted(jobs: readonly Job[]): Job[] {
  const rank = ({ variant }: Job) => {
    if (variant === 'initializeWorkflow') return 0;
    return variant === 'signalWorkflow' || variant === 'doUpdate' ? 1 : 2;
  };
  return [...jobs].sort((one, other) => rank(one) - rank(other));
}
