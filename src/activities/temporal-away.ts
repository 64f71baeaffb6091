import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC's codes for temporary failures: DEADLINE_EXCEEDED and UNAVAILABLE. */
const NOT_NOW = [4, 14];

/**
 * Whether a call failed because Temporal is unavailable for the moment, rather than because the
 * call is wrong.
 */
export function isTemporalAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && NOT_NOW.includes(cause.code);
}
