import type { ClientOptions } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TraceSinks } from './workflow-interceptors';

/**
 * Makes workflows hand traces on: for those who bundle workflows, which take it along, traced or
 * not.
 */
export const WORKFLOW_INTERCEPTORS_PATH = require.resolve('./workflow-interceptors');

/** The pattern of the route that a request took. It is known once the request has been answered. */
export type RouteOf = (request: object) => string;

/** A process's part in traces. */
export interface Tracing {
  clientInterceptors: NonNullable<ClientOptions['interceptors']>;
  activityInterceptors: ActivityInterceptorsFactory[];
  sinks: InjectedSinks<TraceSinks>;
  /** Sends what has not been sent. It takes two seconds at the most, and never fails. */
  stop(): Promise<void>;
}
