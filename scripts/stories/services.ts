import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { turnMailOn } from '../../src/db/mails/switch';
import { openMailServer } from '../../src/notifications/mail/smtp';
import {
  RECONCILIATION_WORKFLOW,
  type ReconciliationRequest,
} from '../../src/temporal/contracts/reconciliation';
import { FLIGHT_SCHEDULE_WORKFLOW } from '../../src/temporal/contracts/flight-schedule';
import { MAIL_DELIVERY_WORKFLOW } from '../../src/temporal/contracts/mail';
import { providerEventWorkflowId } from '../../src/temporal/contracts/provider-event';
import { RETENTION_WORKFLOW } from '../../src/temporal/contracts/retention';
import { webhookEndpointWorkflowId } from '../../src/temporal/contracts/webhook';
import { SENDER } from '../../tests/support/mail-samples';
import { openMailbox } from '../../tests/support/mail-server';
import { withMailWorker } from '../../tests/support/mail-worker';
import { withReconciler } from '../../tests/support/reconcile';
import { withRetentionWorker } from '../../tests/support/retention-worker';
import { withScheduleWorker } from '../../tests/support/schedule-worker';
import { untilSeen, type Shop } from '../../tests/support/shop';
import { addHook, startWebhooks } from '../../tests/support/webhooks';

/** What is done for all bookings: events, mails, the flight schedule, erasure, reconciliation. */
export const SERVICES: Record<string, (shop: Shop) => Promise<WorkflowHandle>> = {
  'webhook-retried': async (shop) => {
    const { endpointId } = await deliverWebhooks(shop);
    return shop.env.client.workflow.getHandle(webhookEndpointWorkflowId(endpointId));
  },
  'outgoing-events': async (shop) => (await deliverWebhooks(shop)).events,
  'mails-sent': sendMails,
  'provider-event': async (shop) => {
    const event = {
      provider: 'stripe',
      eventId: `evt_${randomUUID()}`,
      type: 'payout.paid',
      bookingId: null,
      captured: null,
    };
    await shop.paymentWorkflows.accept(event);
    return shop.env.client.workflow.getHandle(providerEventWorkflowId(event));
  },
  reconciled: (shop) => reconciled(shop, {}),
  'reconciled-at-length': (shop) =>
    reconciled(shop, { auditsEverything: true, comparesDays: true }),
  'flight-schedule-extended-and-archived': async (shop) => {
    const workflowId = 'flight-schedule';
    await shop.flight({ departsInMinutes: -8 * 24 * 60 });
    const extending = { db: shop.dbOf('worker'), scheduleDays: 1 };
    await withScheduleWorker(shop.env, extending, (taskQueue) =>
      shop.env.client.workflow.execute(FLIGHT_SCHEDULE_WORKFLOW, { workflowId, taskQueue }),
    );
    return shop.env.client.workflow.getHandle(workflowId);
  },
  'personal-data-erased': async (shop) => {
    const workflowId = 'retention';
    const erasing = { db: shop.dbOf('worker'), personalDataDays: 7 };
    await withRetentionWorker(shop.env, erasing, (taskQueue) =>
      shop.env.client.workflow.execute(RETENTION_WORKFLOW, { workflowId, taskQueue }),
    );
    return shop.env.client.workflow.getHandle(workflowId);
  },
};

/** Has a booking's events delivered to an endpoint that fails at first. */
async function deliverWebhooks(shop: Shop) {
  const webhooks = await startWebhooks(shop.env, shop.dbOf('worker'));
  const { receiver, endpointId, ownerId } = await addHook(shop.db);
  let attempts = 0;
  receiver.answerWith((_req, res) => {
    attempts += 1;
    res.writeHead(attempts === 1 ? 500 : 204).end();
  });
  const sale = await shop.hold({ customerId: ownerId });
  await sale.pay();
  await untilSeen(() => Promise.resolve(receiver.received[2]));
  await shop.env.client.workflow.getHandle(webhookEndpointWorkflowId(endpointId)).result();
  await webhooks.stop();
  await receiver.close();
  return { endpointId, events: webhooks.events };
}

/** Has a booking's mails sent by one worker, and then by another. */
async function sendMails(shop: Shop): Promise<WorkflowHandle> {
  await turnMailOn(shop.db);
  const mailbox = await openMailbox();
  const connection = { host: '127.0.0.1', port: mailbox.port, login: null };
  const server = openMailServer({ ...connection, isSecure: false, requiresTls: false }, SENDER);
  const sending = { db: shop.dbOf('worker'), mail: { server, sender: SENDER } };
  const untilMails = (count: number) => untilSeen(() => Promise.resolve(mailbox.mails[count - 1]));
  try {
    const sale = await shop.hold({ contactEmail: 'ada@example.com' });
    const { taskQueue, mails } = await withMailWorker(shop.env, sending, async (queue) => {
      const workflow = await shop.env.client.workflow.start(MAIL_DELIVERY_WORKFLOW, {
        workflowId: queue,
        taskQueue: queue,
      });
      await untilMails(1);
      return { taskQueue: queue, mails: workflow };
    });
    const goOn = async () => {
      await sale.pay();
      await untilMails(2);
      // It would go on for ever.
      await mails.terminate();
    };
    await withMailWorker(shop.env, sending, goOn, taskQueue);
    return mails;
  } finally {
    server.close();
    await mailbox.close();
  }
}

async function reconciled(shop: Shop, request: ReconciliationRequest): Promise<WorkflowHandle> {
  return withReconciler(shop, async (taskQueue) => {
    const workflow = await shop.env.client.workflow.start(RECONCILIATION_WORKFLOW, {
      workflowId: taskQueue,
      taskQueue,
      args: [request],
    });
    await workflow.result();
    return workflow;
  });
}
