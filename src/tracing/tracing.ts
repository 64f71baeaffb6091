import type { ClientOptions } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TracingConfig } from '../config';
import type { Logger } from '../logger';
import type * as OpenTelemetry from './open-telemetry';
import type { TraceSinks } from './workflow-interceptors';

/** Makes workflows hand traces on: for those who bundle workflows, which take it along, traced or not. */
export const WORKFLOW_INTERCEPTORS_PATH = require.resolve('./workflow-interceptors');

/** The pattern of the route that a request took. It is known once the request has been answered. */
export type RouteOf = (request: { originalUrl: string; route?: unknown }) => string;

/** A process's part in traces. */
export interface Tracing {
  clientInterceptors: NonNullable<ClientOptions['interceptors']>;
  activityInterceptors: ActivityInterceptorsFactory[];
  sinks: InjectedSinks<TraceSinks>;
  /** Sends what has not been sent. It takes two seconds at the most, and never fails. */
  stop(): Promise<void>;
}

/** A workflow whose client traces may run on a worker that doesn't. */
const OFF: Tracing = {
  clientInterceptors: {},
  activityInterceptors: [],
  sinks: { traces: { tell: { fn: () => undefined } } },
  stop: () => Promise.resolve(),
};

/**
 * Starts sending traces, if the settings ask for it: of HTTP requests, what they ask of Temporal, workflows, steps and SQL.
 *
 * Call it before anything is opened. OpenTelemetry is loaded only now, so that a process that sends none pays nothing for it.
 */
export function startTracing(
  { isOn, serviceName }: TracingConfig,
  logger: Logger,
  routeOf: RouteOf = () => 'none',
): Tracing {
  if (!isOn) return OFF;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it in any case
  const { openTracing } = require('./open-telemetry') as typeof OpenTelemetry;
  return openTracing(serviceName, logger, routeOf);
}
