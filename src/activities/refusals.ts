import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '../domain/refusal';
import { ProviderRejected } from '../payments/gateway';
import { ProviderNotConfigured } from '../payments/providers';
import type { ProviderFault } from '../temporal/refund-contracts';

/**
 * Runs an activity; a refusal, which no retry can turn into a yes, leaves it as a failure that
 * Temporal doesn't retry, with the refusal's code as its type, and with when asking again can
 * succeed, if waiting helps. Everything else is a fault, and tried again.
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

/**
 * Runs an activity that asks a provider; a definite "no" leaves it as a failure that Temporal
 * doesn't retry, with the fault as its type. Silence and server errors are tried again.
 */
export async function providerFaultsAreFinal<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const fault = providerFaultOf(error);
    if (fault === undefined) throw error;
    throw ApplicationFailure.nonRetryable((error as Error).message, fault);
  }
}

/** Why the same request to a provider can't succeed; undefined when another try may. */
export function providerFaultOf(error: unknown): ProviderFault | undefined {
  if (error instanceof ProviderNotConfigured) return 'provider_not_configured';
  if (error instanceof ProviderRejected) return 'provider_rejected';
  return undefined;
}
