import type { CancellationRequest } from './booking';
import type { Settlement } from './refund';
import type { Retry } from './retries';
import type { ScheduleChangeAcceptance } from './schedule-change';

/**
 * The argument of each update that operators send, as a workflow's page shows it, and as a refusal
 * repeats it to someone who left a field out.
 */
export const UPDATE_EXAMPLES = {
  cancelBooking: {
    requestedBy: 'op-7',
    asOperator: true,
    reason: 'aircraft change',
    note: 'agreed with crew control',
  } satisfies CancellationRequest,
  acceptScheduleChange: {
    requestedBy: 'op-7',
    asOperator: true,
  } satisfies ScheduleChangeAcceptance,
  retryPayment: { requestedBy: 'op-7', note: 'the provider is back' } satisfies Retry,
  retryRefund: { requestedBy: 'op-7', note: 'the provider is back' } satisfies Retry,
  settleRefund: { settledBy: 'op-7', note: 'returned by bank, SEPA 4711' } satisfies Settlement,
};

export type OperatorUpdate = keyof typeof UPDATE_EXAMPLES;
