import {
  DefaultLogger,
  Runtime,
  type LogEntry,
  type LogLevel,
  type MetricsExporterConfig,
} from '@temporalio/worker';
import type { MetricsConfig } from '../config';
import type { Logger } from '../telemetry/logger';

const LEVELS: Record<LogLevel, 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * Sends the logs of the SDK, its core, workflows and activities through our logger, with the
 * workflow of each line. Exposes the SDK's metrics if configured.
 */
export function installRuntime(logger: Logger, { host, temporalPort }: MetricsConfig): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
      logger.log(LEVELS[level], message, pickMeta(meta));
    }),
    // We handle SIGTERM: the worker drains, then the pools close.
    shutdownSignals: [],
    telemetryOptions:
      temporalPort === undefined ? {} : { metrics: prometheusAt(host, temporalPort) },
  });
}

/**
 * Names and units in Prometheus's convention: seconds, with the unit in the name, and counters that
 * end in `_total`.
 */
function prometheusAt(host: string, port: number): MetricsExporterConfig {
  return {
    prometheus: {
      bindAddress: `${host}:${port}`,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
    },
  };
}

/** What helps to find the workflow, and what an operator can use. */
const META = [
  'workflowId',
  'runId',
  'workflowType',
  'activityType',
  'activityId',
  'attempt',
  'taskQueue',
  'error',
  'failure',
  'payment',
];

function pickMeta(meta: LogEntry['meta'] = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => META.includes(key)));
}
