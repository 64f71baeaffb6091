import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { unavailable } from './unavailable';

/** Temporal itself replies at once, or is away: no worker is needed. In milliseconds. */
const TIMEOUT_MS = 3_000;

/** Normally the SDK itself says in time that there is no reply, and says more about it. */
const GRACE_MS = 250;

class NoReplyInTime extends Error {
  override name = 'NoReplyInTime';
}

/**
 * Calls Temporal for so long and no longer, in milliseconds: the SDK's own retries, while it can't
 * connect, would go on past a deadline.
 */
export async function withTimeout<T>(
  client: Client,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new NoReplyInTime());
    }, timeoutMs + GRACE_MS);
  });
  try {
    const reply = client.withDeadline(Date.now() + timeoutMs, call);
    return await Promise.race([reply, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes a call to Temporal that needs no worker.
 *
 * @throws Unavailable when Temporal is away: the caller may ask again.
 */
export async function reach<T>(
  client: Client,
  call: () => Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  try {
    return await withTimeout(client, timeoutMs, call);
  } catch (error) {
    if (isOutOfReach(error)) throw unavailable('The booking system is out of reach.');
    throw error;
  }
}

/** gRPC's code for a call that makes no sense, whoever gets it and when. */
const INVALID_ARGUMENT = 3;

/**
 * Whether Temporal could not be reached, or not in time. A call that it doesn't understand is a
 * fault of ours. The SDK wraps some of what gRPC says, and all that goes wrong while it connects.
 */
export function isOutOfReach(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (error instanceof NoReplyInTime) return true;
  if (isGrpcServiceError(cause)) return (cause.code as number) !== INVALID_ARGUMENT;
  return error instanceof ServiceError;
}
