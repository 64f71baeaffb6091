import { Client } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, createBackgroundActivities } from '../activities';
import { flightScheduleActivities } from '../activities/flight-schedule/activities';
import { outgoingEventActivities } from '../activities/outgoing-events';
import { mailActivities } from '../activities/mail/activities';
import { paymentEventActivities } from '../activities/payment-events';
import { scheduleChangeActivities } from '../activities/schedule-change/activities';
import { personalDataActivities } from '../activities/personal-data/activities';
import { reconciliationActivities } from '../activities/reconciliation';
import { createWebhookAttempts } from '../activities/webhook-attempts';
import { webhookActivities } from '../activities/webhooks';
import { workerConfig } from '../config';
import { connect } from '../db/connection';
import { createSecretCipher } from '../db/webhooks/secret-cipher';
import { createWebhookSender } from '../notifications/webhooks/send';
import { openPaymentProviders } from '../payments/open';
import { watched } from '../payments/watched';
import { createLogger } from '../telemetry/logger';
import { countBookingOutcomes } from '../telemetry/metrics/booking-outcomes';
import { countChangeOutcomes } from '../telemetry/metrics/change-outcomes';
import { showScheduleDays } from '../telemetry/metrics/flight-schedule';
import { countMails } from '../telemetry/metrics/mails';
import { observed } from '../telemetry/metrics/observed';
import { createProcessMetrics } from '../telemetry/metrics/process';
import { measureProviderRequests } from '../telemetry/metrics/provider-requests';
import { countReconciliationOutcomes } from '../telemetry/metrics/reconciliation-outcomes';
import { serveMetrics } from '../telemetry/metrics/server';
import { countWebhooks } from '../telemetry/metrics/webhooks';
import { startTracing } from '../telemetry/tracing/start';
import { backgroundTaskQueue } from '../temporal/contracts/background';
import { createBookingWorkflows } from '../temporal/clients/bookings';
import { createScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import { temporalConnectionOptions } from '../temporal/connection';
import { createEncryptionCodec } from '../temporal/encryption/codec';
import {
  createDataConverter,
  createWorkerDataConverter,
} from '../temporal/encryption/data-converter';
import { createPaymentWorkflows } from '../temporal/clients/payment-workflows';
import { ensureSchedules } from '../temporal/clients/schedules';
import { webhookTaskQueue } from '../temporal/contracts/webhook';
import { createWebhookWorkflows } from '../temporal/clients/webhook-workflows';
import { createWorkflowLookup } from '../temporal/clients/workflow-lookup';
import { bundling } from './bundling';
import { openMail } from './mail';
import { installRuntime } from './runtime';
import { playScenarios } from './scenarios/play';
import { withSlowHolds } from './scenarios/slow-holds';
import { BACKGROUND_TUNING, TUNING, WEBHOOK_TUNING } from './tuning';
import { versioning } from './versioning';

/** One for each database activity that may run at once. */
const MAX_DATABASE_CONNECTIONS = 24;

/** The sandbox provider simulates a separate company: it shares no connection with us. */
const MAX_SANDBOX_CONNECTIONS = 8;

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
  showScheduleDays(registry, config.scheduleDays);
  const { host, port } = config.metrics;
  if (port !== undefined) await serveMetrics(registry, { host, port });

  const noteRequest = measureProviderRequests(registry, config.payments.provider);
  const payments = openPaymentProviders(
    config.payments,
    () =>
      connect(config.sandboxDatabaseUrl, {
        applicationName: 'sandbox-payment-provider',
        maxConnections: MAX_SANDBOX_CONNECTIONS,
      }),
    (gateway) => watched(gateway, noteRequest),
  );
  const { address, namespace, taskQueue } = config.temporal;
  const connection = await NativeConnection.connect({
    ...temporalConnectionOptions(config.temporal),
    // Encrypted payloads don't get smaller.
    grpcCompression: { codec: 'none' },
  }).catch((error: unknown) => {
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
  await ensureSchedules(client, taskQueue);
  const { paymentWindowSeconds, scheduleDays, hasScenarios, personalDataDays, limits } = config;
  const paymentWorkflows = createPaymentWorkflows(client, taskQueue);
  const { providers } = payments;
  const deps = { db, providers, paymentWorkflows };
  const bookingDeps = { ...deps, paymentWindowSeconds, limits };
  const ordinarySteps = createActivities(bookingDeps);
  const bookingSteps = hasScenarios ? withSlowHolds(ordinarySteps, scheduleDays) : ordinarySteps;
  const workflows = createWorkflowLookup(client);
  const bookingWorkflows = createBookingWorkflows(client, taskQueue);
  const reconciliationSteps = reconciliationActivities({ ...deps, workflows, bookingWorkflows });
  const scheduleChangeSteps = scheduleChangeActivities({ db, bookingWorkflows });
  const eventSteps = paymentEventActivities({ ...bookingDeps, workflows });
  const scheduleSteps = flightScheduleActivities({ db, scheduleDays, hasScenarios });
  const retentionSteps = personalDataActivities({ db, personalDataDays });
  const stopping = new AbortController();
  const webhookSecrets = createSecretCipher(config.encryptionKeys);
  const attempt = createWebhookAttempts({
    db,
    webhookSecrets,
    send: createWebhookSender(config.webhooks),
    note: countWebhooks(registry),
  });
  const webhookDeps = { db, attempt, stopping: stopping.signal };
  const outgoingSteps = outgoingEventActivities({
    ...webhookDeps,
    webhookSecrets,
    webhookWorkflows: createWebhookWorkflows(client, taskQueue),
  });
  const mail = openMail(config.mail);
  const mailSteps = mailActivities({
    db,
    mail: mail?.connection,
    stopping: stopping.signal,
    logger,
    onResult: countMails(registry),
  });
  const countBookings = countBookingOutcomes(registry, providers.current.provider);
  const countChanges = countChangeOutcomes(registry);
  const countedSteps = observed(
    {
      ...bookingSteps,
      ...reconciliationSteps,
      ...eventSteps,
      ...scheduleSteps,
      ...retentionSteps,
      ...scheduleChangeSteps,
      ...outgoingSteps,
      ...mailSteps,
    },
    countBookings,
  );
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    dataConverter: createWorkerDataConverter(codec),
    workflowBundle:
      config.workflowBundle === undefined
        ? await bundleWorkflowCode(bundling(require.resolve('../workflows')))
        : { codePath: config.workflowBundle },
    activities: observed(
      observed(countedSteps, countChanges),
      countReconciliationOutcomes(registry),
    ),
    interceptors: { activity: tracing.activityInterceptors },
    sinks: tracing.sinks,
    ...versioning(config.deployment),
    ...TUNING,
  });
  const webhookWorker = await Worker.create({
    connection,
    namespace,
    taskQueue: webhookTaskQueue(taskQueue),
    dataConverter: createWorkerDataConverter(codec),
    activities: webhookActivities(webhookDeps),
    ...WEBHOOK_TUNING,
  });
  const backgroundWorker = await Worker.create({
    connection,
    namespace,
    taskQueue: backgroundTaskQueue(taskQueue),
    dataConverter: createWorkerDataConverter(codec),
    activities: observed(
      observed(createBackgroundActivities(bookingDeps), countBookings),
      countChanges,
    ),
    interceptors: { activity: tracing.activityInterceptors },
    ...BACKGROUND_TUNING,
  });
  const workers = [worker, webhookWorker, backgroundWorker];

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      logger.info('The worker is draining', { signal });
      stopping.abort();
      // A draining worker can't be told to stop again.
      for (const one of workers) if (one.getState() === 'RUNNING') one.shutdown();
    });
  }
  mail?.start(db, client, taskQueue, stopping.signal, logger);
  const scheduleChanges = createScheduleChangeWorkflows(client, taskQueue);
  const airline = { db, scheduleDays, bookingWorkflows, scheduleChanges };
  const scenarios = config.payments.hasSandbox
    ? playScenarios(
        { payments, paymentWorkflows, airline: hasScenarios ? airline : undefined },
        stopping.signal,
        logger,
      )
    : undefined;
  logger.info('The worker is running');
  await Promise.all(workers.map((one) => one.run()));
  mail?.connection.server.close();
  await scenarios;
  await Promise.all([db.destroy(), payments.close(), connection.close(), tracing.stop()]);
  logger.info('The worker has stopped');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // What was opened before would keep a process that does nothing, and nobody starts another one.
  process.exit(1);
});
