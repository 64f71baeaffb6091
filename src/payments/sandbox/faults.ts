import { setTimeout as wait } from 'node:timers/promises';
import { ProviderRejected, ProviderUnavailable } from '../gateway';
import { DELAYS, type Behaviour } from './cards';

/** Faults occur in the first two tries of an operation; the third works. */
const FAULTY_TRIES = 2;

/** Whether something goes wrong with a card, or takes long: how often it is tried is counted. */
export function isFaulty({ kind }: Behaviour): boolean {
  return ['loses_answers', 'answers_slowly', 'fails', 'rejects'].includes(kind);
}

/** Simulates a fault before the books are written, on the given try (from 1) of an operation. */
export function failBefore({ kind }: Behaviour, attempt: number): void {
  if (kind === 'rejects') throw new ProviderRejected('The sandbox provider rejects the request.');
  if (kind === 'fails' && attempt <= FAULTY_TRIES)
    throw new ProviderUnavailable('The sandbox provider responded with 500.');
}

/**
 * Simulates a fault after the books are written, before the response. `since` is when the operation
 * was tried first.
 */
export async function hinderAnswer(
  behaviour: Behaviour,
  { operation, attempt, since }: { operation: string; attempt: number; since: Date },
): Promise<void> {
  if (behaviour.kind === 'answers_slowly') await wait(DELAYS.slowAnswer);
  if (behaviour.kind !== 'loses_answers') return;
  const isLost =
    behaviour.during === 'two_tries'
      ? attempt <= FAULTY_TRIES
      : operation === 'authorize' && Date.now() < since.getTime() + DELAYS.answersAreLost;
  if (!isLost) return;
  await wait(DELAYS.lostAnswer);
  throw new ProviderUnavailable('The response of the sandbox provider was lost.');
}
