import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '../domain/refusal';

/**
 * Runs a step; a refusal, which no retry can turn into a yes, leaves it as a failure that Temporal doesn't retry, with the refusal's code as
 * its type. Everything else is a fault, and tried again.
 */
export async function refusalsAreFinal<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.detail, error.code);
    throw error;
  }
}
