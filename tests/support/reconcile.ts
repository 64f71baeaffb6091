import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { createPaymentProviders } from '../../src/payments/providers';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import {
  RECONCILIATION_WORKFLOW,
  type ReconciliationReport,
  type ReconciliationRequest,
} from '../../src/temporal/contracts/reconciliation';
import { createPaymentWorkflows } from '../../src/temporal/clients/payment-workflows';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import type { Storefront } from './api';
import { testWorkerDataConverter } from './encryption';
import { workflowBundle } from './workflow-bundle';

/** Runs one reconciliation; what it hands over is done by the shop's worker. */
export async function reconcile(
  shop: Storefront,
  request: ReconciliationRequest = {},
): Promise<ReconciliationReport> {
  return withReconciler(shop, (taskQueue) =>
    shop.env.client.workflow.execute<
      (request: ReconciliationRequest) => Promise<ReconciliationReport>
    >(RECONCILIATION_WORKFLOW, { workflowId: taskQueue, taskQueue, args: [request] }),
  );
}

/** Has a worker that can reconcile, on a task queue of its own, for as long as `work` takes. */
export async function withReconciler<T>(
  { dbOf, env }: Pick<Storefront, 'dbOf' | 'env'>,
  work: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = `reconciliation-${randomUUID()}`;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: testWorkerDataConverter,
    activities: reconciliationActivities({
      db: dbOf('worker'),
      providers: createPaymentProviders(createSandboxGateway(dbOf('sandbox'))),
      paymentWorkflows: createPaymentWorkflows(env.client, 'bookings'),
      workflows: createWorkflowLookup(env.client),
      bookingWorkflows: createBookingWorkflows(env.client, 'bookings'),
    }),
  });
  return worker.runUntil(work(taskQueue));
}
