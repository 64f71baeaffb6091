import { DefaultLogger, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';
import type { Logger } from '../logger';

const LEVELS: Record<LogLevel, 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Sends what the SDK, its core, workflows and activities log through our logger, with the workflow that each line is about. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
      logger.log(LEVELS[level], message, pickMeta(meta));
    }),
    // SIGTERM is ours to handle: the worker drains, then the pools close.
    shutdownSignals: [],
  });
}

/** What helps to find the workflow; of the rest only what an operator can use. */
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
