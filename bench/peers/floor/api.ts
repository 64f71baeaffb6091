import { randomUUID } from 'node:crypto';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { WORKFLOW_TASK_TIMEOUT } from '../../../src/temporal/clients/bookings';
import { serve, setting } from '../serve';
import { awaitReservation, FLOOR_WORKFLOW, floorWorkflowId, makePayment } from './messages';
import type { floorWorkflow } from './workflows';

const connection = Connection.lazy({ address: setting('TEMPORAL_ADDRESS') });
const client = new Client({ connection, namespace: setting('TEMPORAL_NAMESPACE') });
const taskQueue = setting('TASK_QUEUE');

/** Creates by one update with start, and pays by one update, as our API does. */
serve({
  create: async ({ flightId }) => {
    const id = randomUUID();
    await client.workflow.executeUpdateWithStart(awaitReservation, {
      updateId: 'reservation',
      startWorkflowOperation: new WithStartWorkflowOperation<typeof floorWorkflow>(FLOOR_WORKFLOW, {
        workflowId: floorWorkflowId(id),
        taskQueue,
        args: [{ flightId }],
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    });
    return { id };
  },
  pay: ({ bookingId, amount }) =>
    client.workflow
      .getHandle(floorWorkflowId(bookingId))
      .executeUpdate(makePayment, { updateId: 'payment', args: [{ amount }] }),
  close: () => connection.close(),
});
