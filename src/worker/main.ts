import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../activities';
import { paymentEventActivities } from '../activities/payment-events';
import { reconciliationActivities } from '../activities/reconciliation';
import { workerConfig } from '../config';
import { connect } from '../db/connection';
import { openPaymentProviders } from '../payments/open';
import { createLogger } from '../telemetry/logger';
import { countBookingOutcomes } from '../telemetry/metrics/booking-outcomes';
import { observed } from '../telemetry/metrics/observed';
import { createProcessMetrics } from '../telemetry/metrics/process';
import { countReconciliationOutcomes } from '../telemetry/metrics/reconciliation-outcomes';
import { serveMetrics } from '../telemetry/metrics/server';
import { startTracing } from '../telemetry/tracing/start';
import { WORKFLOW_INTERCEPTORS_PATH } from '../telemetry/tracing/tracing';
import { ensureNightlyAuditSchedule } from '../temporal/audit-schedule';
import { temporalConnectionOptions } from '../temporal/connection';
import { createEncryptionCodec } from '../temporal/encryption/codec';
import {
  createDataConverter,
  createWorkerDataConverter,
} from '../temporal/encryption/data-converter';
import { createPaymentWorkflows } from '../temporal/payment-workflows';
import { RESERVED_NAMES_PATH } from '../temporal/reserved-names-path';
import { ensureReconciliationSchedule } from '../temporal/schedules';
import { createWorkflowLookup } from '../temporal/workflow-lookup';
import { installRuntime } from './runtime';
import { SANDBOX } from './sandbox';
import { versioning } from './versioning';

/** One for each database activity that may run at once. */
const MAX_DATABASE_CONNECTIONS = 24;

/** The sandbox provider simulates a separate company: it shares no connection with us. */
const MAX_SANDBOX_CONNECTIONS = 8;

/**
 * Slots for two cores: workflow tasks use CPU; local activities wait for PostgreSQL, one connection
 * each; activities wait for a provider.
 */
const SLOTS = {
  maxConcurrentWorkflowTaskExecutions: 20,
  maxConcurrentLocalActivityExecutions: 20,
  maxConcurrentActivityTaskExecutions: 40,
} as const;

/**
 * How many workflows stay in memory between their tasks. It belongs with the heap limit of the
 * worker, `--max-old-space-size=448`. With both, a thousand open bookings took 437 MB in all, and a
 * flood of messages 404 MB. Without them Node lets the memory of each flood grow before it collects
 * any of it.
 */
const MAX_CACHED_WORKFLOWS = 500;

/**
 * How long the workflows of a killed worker wait for it before another one takes over. With the
 * default of ten seconds, a deadline that comes meanwhile would be ten seconds late.
 */
const STICKY_TIMEOUT = '1s';

const SHUTDOWN_GRACE = '8s';

/** Runs the worker until it is told to stop, then finishes its current tasks. */
async function main(): Promise<void> {
  const config = workerConfig();
  const logger = createLogger('worker', config.logging);
  installRuntime(logger, config.metrics);
  const tracing = startTracing(config.tracing, logger);

  const db = connect(config.databaseUrl, {
    applicationName: 'flight-bookings-worker',
    maxConnections: MAX_DATABASE_CONNECTIONS,
  });
  const registry = createProcessMetrics(db);
  const { host, port } = config.metrics;
  if (port !== undefined) await serveMetrics(registry, { host, port });

  const payments = openPaymentProviders(config.payments, () =>
    connect(config.sandboxDatabaseUrl, {
      applicationName: 'sandbox-payment-provider',
      maxConnections: MAX_SANDBOX_CONNECTIONS,
    }),
  );
  const { address, namespace, taskQueue } = config.temporal;
  const connection = await NativeConnection.connect(
    temporalConnectionOptions(config.temporal),
  ).catch((error: unknown) => {
    // The SDK's error does not name the address.
    throw new Error(`No connection to Temporal at ${address}: ${String(error)}`, { cause: error });
  });
  const codec = createEncryptionCodec(config.encryptionKeys);
  const client = new Client({
    connection,
    namespace,
    dataConverter: createDataConverter(codec),
    interceptors: tracing.clientInterceptors,
  });
  await ensureReconciliationSchedule(client, taskQueue);
  await ensureNightlyAuditSchedule(client, taskQueue);
  const { paymentWindowSeconds, limits } = config;
  const paymentWorkflows = createPaymentWorkflows(client, taskQueue);
  const { providers } = payments;
  const deps = { db, providers, paymentWorkflows };
  const bookingDeps = { ...deps, paymentWindowSeconds, limits };
  const bookingSteps = createActivities(bookingDeps);
  const workflows = createWorkflowLookup(client);
  const reconciliationSteps = reconciliationActivities({ ...deps, workflows });
  const eventSteps = paymentEventActivities({ ...bookingDeps, workflows });
  const countedSteps = observed(
    { ...bookingSteps, ...reconciliationSteps, ...eventSteps },
    countBookingOutcomes(registry, providers.current.provider),
  );
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    dataConverter: createWorkerDataConverter(codec),
    ...(config.workflowBundle === undefined
      ? { workflowsPath: require.resolve('../workflows') }
      : { workflowBundle: { codePath: config.workflowBundle } }),
    activities: observed(countedSteps, countReconciliationOutcomes(registry)),
    interceptors: {
      activity: tracing.activityInterceptors,
      // The bundle includes them already.
      workflowModules:
        config.workflowBundle === undefined
          ? [WORKFLOW_INTERCEPTORS_PATH, RESERVED_NAMES_PATH]
          : [],
    },
    sinks: tracing.sinks,
    ...versioning(config.deployment),
    ...SLOTS,
    ...SANDBOX,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    shutdownGraceTime: SHUTDOWN_GRACE,
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      logger.info('The worker is draining', { signal });
      // A draining worker can't be told to stop again.
      if (worker.getState() === 'RUNNING') worker.shutdown();
    });
  }
  logger.info('The worker is running');
  await worker.run();
  await Promise.all([db.destroy(), payments.close(), connection.close(), tracing.stop()]);
  logger.info('The worker has stopped');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
