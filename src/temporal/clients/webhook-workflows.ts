import type { Client } from '@temporalio/client';
import { webhookEndpointText } from '../operator-texts/webhooks';
import {
  deliveriesDue,
  WEBHOOK_ENDPOINT_WORKFLOW,
  webhookEndpointWorkflowId,
  type WebhookEndpointWorkflow,
} from '../contracts/webhook';

export type WebhookWorkflows = ReturnType<typeof createWebhookWorkflows>;

/** Announces deliveries to the workflows of webhook endpoints. */
export function createWebhookWorkflows(client: Client, taskQueue: string) {
  return {
    /**
     * Has the deliveries of an endpoint that are due sent, by its workflow, which is started if
     * necessary. Safe to repeat.
     *
     * @throws when Temporal is unavailable. Nothing is lost: what is overdue is announced again.
     */
    async announce(endpointId: string): Promise<void> {
      await client.workflow.signalWithStart<WebhookEndpointWorkflow>(WEBHOOK_ENDPOINT_WORKFLOW, {
        workflowId: webhookEndpointWorkflowId(endpointId),
        taskQueue,
        args: [],
        signal: deliveriesDue,
        signalArgs: [],
        ...webhookEndpointText(endpointId),
      });
    },
  };
}
