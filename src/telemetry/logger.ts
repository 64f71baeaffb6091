import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';
import winston from 'winston';
import type { LoggingConfig } from '../config';

export type Logger = winston.Logger;

/** Fields of every line that is logged for one request or one workflow. */
export interface LogContext {
  requestId?: string;
  workflowId?: string;
}

const current = new AsyncLocalStorage<LogContext>();

/**
 * Runs `work`. Each line that it logs, however deep, has `context` in addition to the surrounding
 * context.
 */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return current.run({ ...current.getStore(), ...context }, work);
}

/** Adds to the context of the current request, for instance the workflow once it is known. */
export function addLogContext(context: LogContext): void {
  Object.assign(currentLogContext(), context);
}

/** Returns the context of the current work, for lines that are logged once it has ended. */
export function currentLogContext(): LogContext {
  return current.getStore() ?? {};
}

/** Returns the trace of the current work, if tracing is on. */
function currentTrace(): { traceId?: string } {
  const span = trace.getActiveSpan();
  return span === undefined ? {} : { traceId: span.spanContext().traceId };
}

const addContext = winston.format((info) =>
  Object.assign(info, current.getStore(), currentTrace()),
);

/**
 * Formats errors among the details of a line. JSON would leave out their message, and include
 * properties that others have added.
 */
const plainErrors = winston.format((info) => {
  const errors = Object.entries(info).filter(([, value]) => value instanceof Error);
  for (const [key, value] of errors) info[key] = describeError(value as Error);
  return info;
});

/**
 * Returns what is needed to find the cause, and no more: PostgreSQL's `detail` quotes the refused
 * row, with the names in it.
 */
function describeError(error: Error & { code?: unknown }): object {
  const { name, message, code, stack, cause } = error;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  };
}

const pretty = winston.format.printf(({ timestamp, level, message, service, stack, ...rest }) => {
  const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const trace = typeof stack === 'string' ? `\n${stack}` : '';
  return `${String(timestamp)} ${level} ${String(service)}: ${String(message)}${details}${trace}`;
});

/** Five files of 10 MB: a day of a busy process, and never a full disk. */
const ROTATION = { maxsize: 10_000_000, maxFiles: 5, tailable: true };

/**
 * Creates a logger to the console and, if files are wanted, to `<service>.log` in the log folder,
 * which rotates by size.
 *
 * Lines have a timestamp, the service, the current {@link LogContext} and the trace's ID. Callers
 * log IDs and codes, never names, tokens or card data; `error` means that someone must act now.
 */
export function createLogger(service: string, config: LoggingConfig): Logger {
  return winston.createLogger({
    level: config.level,
    defaultMeta: { service },
    // Once for all transports: each of those without a format of its own writes this line.
    format: winston.format.combine(
      winston.format.timestamp(),
      winston.format.errors({ stack: true }),
      plainErrors(),
      addContext(),
      winston.format.json(),
    ),
    transports: [
      new winston.transports.Console(config.format === 'pretty' ? { format: pretty } : {}),
      ...(config.dir === null ? [] : [logFile(service, config.dir)]),
    ],
  });
}

function logFile(service: string, dirname: string) {
  return new winston.transports.File({ filename: `${service}.log`, dirname, ...ROTATION });
}
