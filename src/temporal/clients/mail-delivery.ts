import type { Client } from '@temporalio/client';
import {
  MAIL_DELIVERY_WORKFLOW,
  MAIL_DELIVERY_WORKFLOW_ID,
  type MailDeliveryWorkflow,
} from '../contracts/mail';
import { MAIL_DELIVERY_TEXT } from '../operator-texts/mail';

/** Starts the delivery of mails, unless it runs. Safe to repeat, and from several workers. */
export async function ensureMailDelivery(client: Client, taskQueue: string): Promise<void> {
  await client.workflow.start<MailDeliveryWorkflow>(MAIL_DELIVERY_WORKFLOW, {
    workflowId: MAIL_DELIVERY_WORKFLOW_ID,
    taskQueue,
    args: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    ...MAIL_DELIVERY_TEXT,
  });
}
