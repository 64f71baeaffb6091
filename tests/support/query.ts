import {
  isGrpcServiceError,
  ServiceError,
  type QueryDefinition,
  type WorkflowHandle,
} from '@temporalio/client';

/** Of gRPC: DEADLINE_EXCEEDED, FAILED_PRECONDITION. */
const NOT_NOW = new Set<number>([4, 9]);

/**
 * Queries a workflow; undefined where it can't be queried at the moment. No worker may get to the
 * query in time; and Temporal refuses queries of a workflow whose tasks have timed out three times
 * running until one of them succeeds. Both happen where workers are killed, or many race on a busy
 * machine.
 */
export async function queryIfPossible<T>(
  handle: Pick<WorkflowHandle, 'query'>,
  query: QueryDefinition<T>,
): Promise<T | undefined> {
  try {
    return await handle.query(query);
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : undefined;
    if (isGrpcServiceError(cause) && NOT_NOW.has(cause.code)) return undefined;
    throw error;
  }
}
