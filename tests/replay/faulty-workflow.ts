import { sleep } from '@temporalio/workflow';
import * as workflows from '../../src/workflows';

/** A change that running workflows would not survive: they wait where they have not waited. */
function late<A extends unknown[], R>(workflow: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    await sleep('1s');
    return workflow(...args);
  };
}

export const bookingWorkflow = late(workflows.bookingWorkflow);
export const cancellationWorkflow = late(workflows.cancellationWorkflow);
export const refundWorkflow = late(workflows.refundWorkflow);
export const flightScheduleWorkflow = late(workflows.flightScheduleWorkflow);
export const paymentEventsWorkflow = late(workflows.paymentEventsWorkflow);
export const scheduleChangeWorkflow = late(workflows.scheduleChangeWorkflow);
export const retentionWorkflow = late(workflows.retentionWorkflow);
export const outgoingEventsWorkflow = late(workflows.outgoingEventsWorkflow);
export const webhookEndpointWorkflow = late(workflows.webhookEndpointWorkflow);
export const mailDeliveryWorkflow = late(workflows.mailDeliveryWorkflow);
export const providerEventWorkflow = late(workflows.providerEventWorkflow);
export const reconciliationWorkflow = late(workflows.reconciliationWorkflow);
