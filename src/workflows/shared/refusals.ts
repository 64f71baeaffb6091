import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { ProviderFault } from '../../temporal/contracts/refund';

/** Returns the refusal that made an activity fail, if one did. */
export function refusalOf(failure: unknown): ApplicationFailure | undefined {
  // A local activity's failure comes as it is, another one's wrapped.
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true ? cause : undefined;
}

/** Whether the payment provider rejects the request, or isn't configured. */
export function isProviderFault({ type }: ApplicationFailure): boolean {
  return type === REJECTED || type === NOT_CONFIGURED;
}

const REJECTED: ProviderFault = 'provider_rejected';
const NOT_CONFIGURED: ProviderFault = 'provider_not_configured';
