import type { ClientOptions } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TraceSinks } from './workflow-interceptors';

/**
 * The module that propagates traces through workflows. A bundle of workflows includes it, traced or
 * not.
 */
export const WORKFLOW_INTERCEPTORS_PATH = require.resolve('./workflow-interceptors');

/** Returns the pattern of a request's route. It is known once the response has been sent. */
export type RouteOf = (request: object) => string;

/** Tracing of one process. */
export interface Tracing {
  clientInterceptors: NonNullable<ClientOptions['interceptors']>;
  activityInterceptors: ActivityInterceptorsFactory[];
  sinks: InjectedSinks<TraceSinks>;
  /** Sends what has not been sent. Takes at most two seconds, and never fails. */
  stop(): Promise<void>;
}
