import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { unavailable } from './problem';

/** Temporal itself answers at once, or is away: no worker is needed. In milliseconds. */
const TEMPORAL_TIMEOUT_MS = 3_000;

/** Normally the SDK itself says in time that there is no answer, and says more about it. */
const GRACE_MS = 250;

class TimedOut extends Error {
  override name = 'TimedOut';
}

/** Asks Temporal for so long and no longer: the SDK's own retries, while it can't connect, would go on past a deadline. */
export async function withTimeout<T>(
  client: Client,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOut());
    }, timeoutMs + GRACE_MS);
  });
  try {
    const answer = client.withDeadline(Date.now() + timeoutMs, call);
    return await Promise.race([answer, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks something of Temporal that needs no worker.
 *
 * @throws Problem `service_unavailable` when Temporal is away: the caller may ask again.
 */
export async function callTemporal<T>(
  client: Client,
  call: () => Promise<T>,
  timeoutMs = TEMPORAL_TIMEOUT_MS,
): Promise<T> {
  try {
    return await withTimeout(client, timeoutMs, call);
  } catch (error) {
    if (isOutOfReach(error)) throw unavailable('The booking system is out of reach.');
    throw error;
  }
}

/** gRPC's code for a question that makes no sense, whoever is asked and when. */
const INVALID_ARGUMENT = 3;

/**
 * Whether Temporal could not be asked, or not in time. A question that it doesn't understand is a fault of ours. The SDK wraps some of what gRPC
 * says, and all that goes wrong while it connects.
 */
export function isOutOfReach(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (error instanceof TimedOut) return true;
  if (isGrpcServiceError(cause)) return (cause.code as number) !== INVALID_ARGUMENT;
  return error instanceof ServiceError;
}
