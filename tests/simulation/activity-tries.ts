import { ApplicationFailure } from '@temporalio/common';
import { attempted, type Result } from './activity-results';
import type { OpenActivity } from './open-activity';
import { stepsOf, type Terms } from './terms';

const ATTEMPT_LIMIT_MS = 5_000;

/** How a try ends that is not made again. */
const LOST = ApplicationFailure.create({ message: 'The connection is lost', type: 'Error' });

/** One that has failed so often is left to succeed. */
const MAX_FAULTS = 60;

/**
 * Tries an activity until it ends, as workers do. A try may fail before or after it took effect, be
 * cut off between two of its steps, or go on late, beside the next one. Nothing is told of a run
 * that `isOver`.
 */
export function tryActivity(
  terms: Terms,
  activity: OpenActivity,
  { isOver, tell }: { isOver: () => boolean; tell: (result: Result) => void },
): void {
  const { agenda, world, random, faults } = terms;

  const end = (result: Result) => {
    if (isOver() || activity.isDone) return;
    activity.isDone = true;
    tell(result);
  };

  const tryOnce = () => {
    if (activity.isDone || isOver()) return;
    activity.attempts += 1;
    activity.isRunning = true;
    const steps = stepsOf(terms, activity);
    const isFaulty = random() < faults && activity.attempts < MAX_FAULTS;
    const isSlow = isFaulty && random() < 0.3;
    let isGivenUp = false;
    const giveUp = () => {
      if (isGivenUp || activity.isDone || isOver()) return;
      isGivenUp = true;
      activity.isRunning = false;
      const next = world.now + Math.min(activity.maxPauseMs, 200 * 2 ** activity.attempts);
      const isLast = activity.attempts >= activity.maxAttempts || next >= activity.giveUpAt;
      // Temporal tries nothing again that is to be cancelled.
      if (activity.isCancelled) end(random() < 0.5 ? { isTimeout: true } : { refusal: LOST });
      else if (isLast)
        agenda.at(Math.min(next, activity.giveUpAt), () => {
          end({ isTimeout: true });
        });
      else tryAt(next);
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
        agenda.at(world.now + Math.floor(random() * (isSlow ? 4_000 : 200)), step);
      else if (isLost) giveUp();
      else end({ value: done.value.value });
    };
    if (isSlow) agenda.at(world.now + ATTEMPT_LIMIT_MS, giveUp);
    agenda.at(world.now + Math.floor(random() * (isSlow ? 4_000 : 100)), step);
  };

  const tryAt = (at: number) => {
    agenda.at(at + Math.floor(random() * 40), tryOnce);
  };
  tryAt(world.now);
}
