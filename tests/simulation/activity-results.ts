import {
  ApplicationFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import type { Job } from './workflow-run';
import { Fault } from './world';

/** How an activity ended. */
export type Result =
  { value: unknown } | { refusal: ApplicationFailure } | { cancelled: true } | { isTimeout: true };

/** Returns undefined for a fault, after which another try may succeed. */
export function attempted<T>(
  step: () => T,
): { value: T } | { refusal: ApplicationFailure } | undefined {
  try {
    return { value: step() };
  } catch (failure) {
    if (failure instanceof Fault) return undefined;
    if (failure instanceof ApplicationFailure) return { refusal: failure };
    throw failure;
  }
}

/** The job that tells a workflow so. */
export function resolved(seq: number, result: Result, isLocal: boolean, name = ''): Job {
  return {
    variant: 'resolveActivity',
    resolveActivity: { seq, isLocal, result: resultOf(result, isLocal, name) },
  };
}

function resultOf(result: Result, isLocal: boolean, name: string): object {
  if ('value' in result)
    return { completed: { result: defaultPayloadConverter.toPayload(result.value) } };
  const wrapped = (cause: object, retryState: number) => ({
    message: 'Activity task failed',
    activityFailureInfo: { activityType: { name }, activityId: '1', retryState },
    cause,
  });
  if ('cancelled' in result)
    return {
      cancelled: { failure: wrapped({ message: 'cancelled', canceledFailureInfo: {} }, 7) },
    };
  if ('isTimeout' in result)
    return {
      failed: {
        failure: wrapped({ message: 'timeout', timeoutFailureInfo: { timeoutType: 2 } }, 3),
      },
    };
  const failure = defaultFailureConverter.errorToFailure(result.refusal, defaultPayloadConverter);
  return { failed: { failure: isLocal ? failure : wrapped(failure, 2) } };
}
