import type { Agenda } from './agenda';
import type { World } from './world';

/** What the models of activities are, by the names that workflows ask for. */
export type Activities = Record<string, (...args: never[]) => unknown>;

/** What all workflows of a life share: time, the models, and how much goes wrong. */
export interface Terms {
  world: World;
  agenda: Agenda;
  activities: Activities;
  random: () => number;
  /** How often a try fails, takes effect without its result, or ends with its worker. */
  faults: number;
  crashes: number;
  losesMessages?: boolean;
  /** Whether histories are so long that workflows should begin anew. */
  isLong: boolean;
  timersEarlyMs?: number;
}

/** Runs an activity when it is asked for its first step: a model in one step returns no steps. */
export function* stepsOf(
  { activities }: Pick<Terms, 'activities'>,
  { name, args }: { name: string; args: never[] },
): Generator<void, unknown> {
  const activity = activities[name];
  if (activity === undefined) throw new Error(`Bug: no model of ${name}`);
  const made = activity(...args);
  return isInSteps(made) ? yield* made : made;
}

function isInSteps(made: unknown): made is Generator<void, unknown> {
  return typeof made === 'object' && made !== null && 'next' in made;
}
