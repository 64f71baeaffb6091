import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { serve, setting } from '../serve';
import {
  paySignal,
  statusQuery,
  TEXTBOOK_WORKFLOW,
  textbookWorkflowId,
  type TextbookStatus,
} from './messages';
import type { textbookWorkflow } from './workflows';

/** Each query is a task for the worker: more often costs more, less often takes longer. */
const POLL_MS = 100;

const connection = Connection.lazy({ address: setting('TEMPORAL_ADDRESS') });
const client = new Client({ connection, namespace: setting('TEMPORAL_NAMESPACE') });
const taskQueue = setting('TASK_QUEUE');

const handleOf = (bookingId: string) =>
  client.workflow.getHandle<typeof textbookWorkflow>(textbookWorkflowId(bookingId));

async function untilStatus(bookingId: string, wanted: TextbookStatus): Promise<void> {
  while ((await handleOf(bookingId).query(statusQuery)) !== wanted) await sleep(POLL_MS);
}

/** Starts a workflow, signals it, and asks it again and again how far it has got. */
serve({
  create: async ({ flightId }) => {
    const id = randomUUID();
    await client.workflow.start<typeof textbookWorkflow>(TEXTBOOK_WORKFLOW, {
      workflowId: textbookWorkflowId(id),
      taskQueue,
      args: [{ bookingId: id, flightId }],
    });
    await untilStatus(id, 'pending');
    return { id };
  },
  pay: async ({ bookingId }) => {
    await handleOf(bookingId).signal(paySignal);
    await untilStatus(bookingId, 'booked');
    return { status: 'captured' };
  },
  close: () => connection.close(),
});
