import type { Client } from '@temporalio/client';
import type { Logger } from '../../telemetry/logger';
import { reach } from '../../temporal/clients/reach';
import { createWebhookWorkflows } from '../../temporal/clients/webhook-workflows';

export type AnnounceDeliveries = (endpointId: string) => Promise<void>;

/**
 * Has an endpoint's new deliveries sent now. Never fails: they are stored, and a worker announces
 * within a minute or two what was not.
 */
export function createDeliveryAnnouncements(
  client: Client,
  taskQueue: string,
  logger: Logger,
): AnnounceDeliveries {
  const workflows = createWebhookWorkflows(client, taskQueue);
  return async (endpointId) => {
    try {
      await reach(client, () => workflows.announce(endpointId));
    } catch (error) {
      logger.warn('A webhook delivery was not announced yet', { error });
    }
  };
}
