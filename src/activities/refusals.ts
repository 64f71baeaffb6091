import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '../domain/refusal';

/**
 * Runs a step; a refusal, which no retry can turn into a yes, leaves it as a failure that Temporal doesn't retry, with the refusal's code as
 * its type, and with when asking again can succeed, if waiting helps. Everything else is a fault, and tried again.
 */
export async function refusalsAreFinal<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Refusal) {
      const { detail, code, retryAt } = error;
      const details = retryAt === undefined ? [] : [{ retryAt: retryAt.toISOString() }];
      throw ApplicationFailure.nonRetryable(detail, code, ...details);
    }
    throw error;
  }
}
