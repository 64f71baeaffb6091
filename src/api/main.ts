import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { apiConfig } from '../config';
import { connect, WAITS_OF_READERS } from '../db/connection';
import { createSecretCipher } from '../db/webhooks/secret-cipher';
import { findStuck } from '../operations/stuck/stuck';
import { createLogger } from '../telemetry/logger';
import { serveMetrics } from '../telemetry/metrics/server';
import { startTracing } from '../telemetry/tracing/start';
import { createBookingWorkflows } from '../temporal/clients/bookings';
import { createOperatorActions } from '../temporal/clients/operator-actions';
import { createScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import { clientConnectionOptions } from '../temporal/connection';
import { createEncryptionCodec } from '../temporal/encryption/codec';
import { createDataConverter } from '../temporal/encryption/data-converter';
import { createApp } from './app';
import { CONSOLE_FOLDER } from './console/folder';
import { listen } from './listen';
import { createPaymentEventWorkflows } from './payment-events/payment-event-workflows';
import { routeOf } from './route-table';
import { createApiServer } from './server';
import { createMetrics } from './system/metrics';
import { createDeliveryAnnouncements } from './webhook-endpoints/announcements';

/** Enough for reads at the rate that two cores can serve; writes go through the workers' pools. */
const MAX_DATABASE_CONNECTIONS = 5;

/** A search keeps a core of PostgreSQL busy: more at once would only slow each other down. */
const MAX_SEARCH_CONNECTIONS = 3;

/** Counting requests takes a millisecond, and waits for no one (`rate-limit-counter.ts`). */
const MAX_COUNTER_CONNECTIONS = 2;

/** How long to wait for requests under way: longer than any of them waits for a workflow. */
const DRAIN_MS = 12_000;

/** How long Temporal may take for a list of what is stuck: clients wait for ten seconds. */
const LOOKING_MS = 8_000;

const TEMPORAL_CHECK_MS = 2_000;

/** Runs the API until it is told to stop, then finishes the requests under way. */
async function main(): Promise<void> {
  const config = apiConfig();
  const logger = createLogger('api', config.logging);
  const tracing = startTracing(config.tracing, logger, routeOf);
  const settings = { applicationName: 'flight-bookings-api', waits: WAITS_OF_READERS };
  const db = connect(config.databaseUrl, { ...settings, maxConnections: MAX_DATABASE_CONNECTIONS });
  const searchDb = connect(config.databaseUrl, {
    ...settings,
    maxConnections: MAX_SEARCH_CONNECTIONS,
    plansOnce: true,
  });
  const counterDb = connect(config.databaseUrl, {
    ...settings,
    maxConnections: MAX_COUNTER_CONNECTIONS,
    isDurable: false,
  });
  // Lazily: if Temporal is unavailable, the API still starts, and reports that at /readyz.
  const connection = Connection.lazy(clientConnectionOptions(config.temporal));
  const codec = createEncryptionCodec(config.encryptionKeys);
  const client = new Client({
    connection,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(codec),
    interceptors: tracing.clientInterceptors,
  });

  const metrics = createMetrics(db, searchDb, counterDb);
  const { host, port: metricsPort } = config.metrics;
  if (metricsPort !== undefined) await serveMetrics(metrics.registry, { host, port: metricsPort });

  const stopping = new AbortController();
  const app = createApp({
    config,
    db,
    searchDb,
    counterDb,
    logger,
    metrics,
    codec,
    workflows: createBookingWorkflows(client, config.temporal.taskQueue),
    scheduleChanges: createScheduleChangeWorkflows(client, config.temporal.taskQueue),
    operatorActions: createOperatorActions(client, config.temporal.taskQueue),
    findStuck: () =>
      client.withDeadline(Date.now() + LOOKING_MS, () =>
        findStuck({ db, client, taskQueue: config.temporal.taskQueue }),
      ),
    temporalNamespace: config.temporal.namespace,
    paymentEvents: createPaymentEventWorkflows(client, config.temporal.taskQueue),
    webhookSecrets: createSecretCipher(config.encryptionKeys),
    announceDeliveries: createDeliveryAnnouncements(client, config.temporal.taskQueue, logger),
    consoleFolder: CONSOLE_FOLDER,
    stopping: stopping.signal,
    isTemporalReachable: () =>
      connection
        .withDeadline(Date.now() + TEMPORAL_CHECK_MS, () =>
          connection.workflowService.getSystemInfo({}),
        )
        .then(
          () => true,
          () => false,
        ),
  });

  const server = createApiServer(app, config, logger);
  const listening = await listen(server, config.port, logger);
  logger.info('The API is listening', { port: config.port });

  const signal = await waitForStopSignal();
  logger.info('The API is draining', { signal });
  stopping.abort();
  // Still listening: load balancers must first see that this process is not ready.
  await sleep(config.shutdownDelayMs);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, DRAIN_MS);
  // A busy connection is kept alive for another request. None is wanted any more.
  const closeIdle = setInterval(() => {
    server.closeIdleConnections();
  }, 100);
  await listening.stop();
  clearInterval(closeIdle);
  clearTimeout(deadline);
  await Promise.all([db, searchDb, counterDb].map((pool) => pool.destroy()));
  await Promise.all([connection.close(), tracing.stop()]);
  logger.info('The API has stopped');
}

function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // What was opened before would keep a process that does nothing, and nobody starts another one.
  process.exit(1);
});
