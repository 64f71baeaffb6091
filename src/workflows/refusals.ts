import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** The "no" that a step answered with, if that is why it failed. */
export function refusalOf(failure: unknown): ApplicationFailure | undefined {
  // A local activity's failure comes as it is, another one's wrapped.
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true ? cause : undefined;
}
