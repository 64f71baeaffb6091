import type { TracingConfig } from '../../config';
import type { Logger } from '../logger';
import type * as OpenTelemetry from './open-telemetry';
import type { RouteOf, Tracing } from './tracing';

/** A workflow whose client has tracing on may run on a worker that has it off. */
const OFF: Tracing = {
  clientInterceptors: {},
  activityInterceptors: [],
  sinks: { traces: { tell: { fn: () => undefined } } },
  stop: () => Promise.resolve(),
};

/**
 * Starts tracing, if the settings say so: HTTP requests, their calls of Temporal, workflows,
 * activities and SQL.
 *
 * Call it before anything is opened. OpenTelemetry is loaded only now, so that a process without
 * tracing does not load it.
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
