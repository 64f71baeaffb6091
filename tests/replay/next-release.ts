import { patched, sleep } from '@temporalio/workflow';
import * as workflows from '../../src/workflows';

export {
  flightScheduleWorkflow,
  outgoingEventsWorkflow,
  mailDeliveryWorkflow,
  paymentEventsWorkflow,
  providerEventWorkflow,
  reconciliationWorkflow,
  retentionWorkflow,
  scheduleChangeWorkflow,
  webhookEndpointWorkflow,
} from '../../src/workflows';

/**
 * A change that running workflows survive: they take one more step before they end, unless they
 * have ended without.
 */
function thorough<A extends unknown[], R>(workflow: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    const outcome = await workflow(...args);
    if (patched('look back')) await sleep('50ms');
    return outcome;
  };
}

export const bookingWorkflow = thorough(workflows.bookingWorkflow);
export const cancellationWorkflow = thorough(workflows.cancellationWorkflow);
export const refundWorkflow = thorough(workflows.refundWorkflow);
