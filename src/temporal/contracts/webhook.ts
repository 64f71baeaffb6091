import { defineSignal } from '@temporalio/workflow';

/** Types and messages about webhooks, between the API, workflows and activities. */

/** Takes outgoing events and announces them to the endpoints' workflows; one run at a time. */
export const OUTGOING_EVENTS_WORKFLOW = 'outgoingEventsWorkflow';

/** Delivers what is due to one endpoint, and ends when nothing is left. */
export const WEBHOOK_ENDPOINT_WORKFLOW = 'webhookEndpointWorkflow';

export type WebhookEndpointWorkflow = () => Promise<void>;

const ENDPOINT_PREFIX = 'webhook-endpoint-';

export function webhookEndpointWorkflowId(endpointId: string): string {
  return `${ENDPOINT_PREFIX}${endpointId}`;
}

/** The endpoint of a workflow: its ID is all that the workflow needs. */
export function endpointIdOf(workflowId: string): string {
  return workflowId.slice(ENDPOINT_PREFIX.length);
}

/**
 * The task queue of deliveries. It has slots of its own: receivers that keep us waiting take none
 * from bookings.
 */
export function webhookTaskQueue(taskQueue: string): string {
  return `${taskQueue}-webhooks`;
}

/** Announces that an endpoint has deliveries that are due. */
export const deliveriesDue = defineSignal('deliveriesDue');

/** What an endpoint is still to get. */
export interface DeliveriesLeft {
  /** The time until the next delivery is due, in milliseconds; null when there is none. */
  nextInMs: number | null;
}
