import { ApplicationFailure } from '@temporalio/workflow';
import type { RefusalCode } from '../../domain/refusal';

/**
 * Refuses a message. In a validator this leaves no event in the history, and the update's ID can be
 * used again.
 *
 * @throws ApplicationFailure with the refusal's code as its type. Its details are what else the
 * sender needs.
 */
export function refuse(
  code: RefusalCode | 'validation_failed',
  detail: string,
  ...details: object[]
): never {
  throw ApplicationFailure.nonRetryable(detail, code, ...details);
}

/** They say that something else is being done: the same message may be accepted later. */
const FOR_NOW: readonly string[] = [
  'payment_in_progress',
  'change_in_progress',
] satisfies RefusalCode[];

/**
 * Checks a message that was accepted before it could be checked. Temporal repeats its refusal for its
 * update's ID for ever: one that holds for now names a time, so that its sender uses another ID next.
 *
 * @throws ApplicationFailure as `check` does.
 */
export function checkAccepted(check: () => void): void {
  try {
    check();
  } catch (failure) {
    if (!(failure instanceof ApplicationFailure) || !FOR_NOW.includes(failure.type ?? ''))
      throw failure;
    const retryAt = new Date().toISOString();
    throw ApplicationFailure.nonRetryable(failure.message, failure.type, { retryAt });
  }
}
