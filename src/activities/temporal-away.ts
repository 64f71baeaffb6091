import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** What gRPC calls "not now": the deadline is over, nobody there. */
const NOT_NOW = [4, 14];

/**
 * Whether an error of a call says that Temporal is away for the moment, rather than that the call
 * is wrong.
 */
export function isTemporalAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && NOT_NOW.includes(cause.code);
}
