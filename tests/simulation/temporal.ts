import './virtual-time';
import { SimulatedWorkflow } from './simulated-workflow';
import type { Terms } from './terms';
import type { Workflow } from './workflow-run';

/** Workflows by their types. */
export type Definitions = Record<string, Workflow>;

/**
 * Temporal's server and its workers, for the workflows of one life, in virtual time. Which workflow
 * has its turn, what comes when, which tries fail, and when a worker dies, is up to the random
 * numbers of the run.
 */
export class SimulatedTemporal {
  readonly workflows = new Map<string, SimulatedWorkflow>();

  constructor(
    private readonly definitions: Definitions,
    private readonly terms: Terms,
  ) {}

  get replays(): number {
    return [...this.workflows.values()].reduce((sum, { replays }) => sum + replays, 0);
  }

  /** Starts a workflow, unless it is running. Returns it. */
  startOrJoin(type: string, id: string, input: unknown): SimulatedWorkflow {
    const known = this.workflows.get(id);
    if (known !== undefined && !known.isOver) return known;
    const workflow = this.definitions[type];
    if (workflow === undefined) throw new Error(`Bug: there is no ${type}`);
    const started = known ?? new SimulatedWorkflow({ id, type, workflow }, this.terms);
    this.workflows.set(id, started);
    started.start(input);
    return started;
  }

  /** Returns a workflow that is running. */
  running(id: string): SimulatedWorkflow | undefined {
    const known = this.workflows.get(id);
    return known?.isOver === false ? known : undefined;
  }

  /** Has each workflow replayed once more. */
  async lookBack(): Promise<void> {
    for (const workflow of this.workflows.values()) await workflow.lookBack();
  }

  /** Lets all of it happen, until nothing is left to. */
  async play(): Promise<void> {
    const { agenda, world, random } = this.terms;
    for (;;) {
      const due = [...this.workflows.values()].filter(({ isTaskDue }) => isTaskDue);
      const next = due[Math.floor(random() * due.length)];
      if (next !== undefined) {
        // What comes while the task is on its way is in it.
        agenda.letHappen(world.now + Math.floor(random() * 30));
        if (next.isTaskDue) await next.task();
        continue;
      }
      if (agenda.nextAt === undefined) return;
      agenda.letHappen(agenda.nextAt);
    }
  }
}
