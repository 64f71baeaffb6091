import { CancellationScope } from '@temporalio/workflow';
import type { CardAttempt } from './state-machine';
import { refusalOf } from '../shared/refusals';
import { askProvider } from '../shared/activities';

/**
 * Asks the provider about a card payment until it answers, or the time is up.
 *
 * An operator may have it asked again at any moment (`attempt.callOff`): a try that waits for its turn is called off, one that runs is seen through, and
 * if that brought no answer the provider is asked anew, under the same key and within the same time. Two tries never overlap.
 */
export async function askAbout<Answer>(
  attempt: CardAttempt,
  { limitMs, summary }: { limitMs: number; summary: string },
  ask: (provider: ReturnType<typeof askProvider>) => Promise<Answer>,
): Promise<Answer> {
  const giveUpAt = Date.now() + limitMs;
  for (let leftMs = limitMs; ; leftMs = giveUpAt - Date.now()) {
    const call = new CancellationScope();
    attempt.callOff = () => {
      call.cancel();
    };
    try {
      return await call.run(() => ask(askProvider(leftMs, summary)));
    } catch (failure) {
      const isToBeAskedAgain = call.consideredCancelled && Date.now() < giveUpAt;
      if (!isToBeAskedAgain || refusalOf(failure) !== undefined) throw failure;
    } finally {
      attempt.callOff = undefined;
    }
  }
}
