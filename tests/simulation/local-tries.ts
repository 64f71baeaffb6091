import { attempted, type Result } from './activity-results';
import type { OpenActivity } from './open-activity';
import { stepsOf, type Terms } from './terms';

/** After so many faults of one activity the next try works. */
const MAX_FAULTS = 20;

/** One that has outlasted a task takes up to as long within the next. */
const SLOW_MS = 400;

/**
 * Tries a local activity until it ends. Returns its result; `died` if its worker has, whatever it
 * had done by then; undefined when it takes long, unless it `mustEnd`.
 */
export function runLocally(
  terms: Terms,
  activity: OpenActivity,
  mustEnd: boolean,
): Result | 'died' | undefined {
  const { world, random, faults, crashes } = terms;
  if (!mustEnd && random() < 0.1) return undefined;
  for (let tries = 0; ; tries += 1) {
    world.now += Math.floor(random() * (mustEnd ? SLOW_MS : 20));
    const fails = tries < MAX_FAULTS && random() < faults;
    if (fails && random() < 0.5) {
      world.now += 500;
      continue;
    }
    if (tries > 2 * MAX_FAULTS) throw new Error(`${activity.name} fails for ever`);
    const effect = toEnd(terms, activity);
    if (random() < crashes) return 'died';
    if (effect !== undefined && !fails) return effect;
    world.now += 500;
  }
}

function toEnd(terms: Terms, activity: OpenActivity): Result | undefined {
  const steps = stepsOf(terms, activity);
  for (;;) {
    const step = attempted(() => steps.next());
    if (step === undefined) return undefined;
    if ('refusal' in step) return step;
    if (step.value.done === true) return { value: step.value.value };
  }
}
