import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '../domain/refusal';
import { ProviderRejected } from '../payments/gateway';
import { ProviderNotConfigured } from '../payments/providers';
import type { ProviderFault } from '../temporal/contracts/refund';

/**
 * Runs an activity, and makes its refusals final. A refusal becomes a failure that Temporal doesn't
 * retry, with the refusal's code as its type. It carries the time from which the request may
 * succeed, if waiting helps. Everything else is a fault, and is retried.
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
 * Runs an activity that asks a provider, and makes definite rejections final. They become failures
 * that Temporal doesn't retry, with the fault as their type. Timeouts and server errors are
 * retried.
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

/** Returns why the same request to a provider can't succeed; undefined when another try may. */
export function providerFaultOf(error: unknown): ProviderFault | undefined {
  if (error instanceof ProviderNotConfigured) return 'provider_not_configured';
  if (error instanceof ProviderRejected) return 'provider_rejected';
  return undefined;
}
