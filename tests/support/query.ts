import {
  isGrpcServiceError,
  ServiceError,
  type QueryDefinition,
  type WorkflowHandle,
} from '@temporalio/client';

/** Of gRPC. */
const FAILED_PRECONDITION = 9;

/**
 * Queries a workflow; undefined where it can't be queried at the moment. Temporal refuses queries of
 * a workflow whose tasks have timed out three times running until one of them succeeds, as happens
 * where workers are killed, or many race on a busy machine.
 */
export async function queryIfPossible<T>(
  handle: Pick<WorkflowHandle, 'query'>,
  query: QueryDefinition<T>,
): Promise<T | undefined> {
  try {
    return await handle.query(query);
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : undefined;
    if (isGrpcServiceError(cause) && (cause.code as number) === FAILED_PRECONDITION)
      return undefined;
    throw error;
  }
}
