import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { unavailable } from './unavailable';

/**
 * Timeout in milliseconds of a call that needs no worker: Temporal responds at once, or is
 * unavailable.
 */
const TIMEOUT_MS = 3_000;

/** Normally the SDK itself reports the timeout, with more detail. */
const GRACE_MS = 250;

class NoReplyInTime extends Error {
  override name = 'NoReplyInTime';
}

/**
 * Calls Temporal with a limit in milliseconds. The SDK's own retries, while it can't connect, would
 * go on past a deadline.
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
 * @throws Unavailable when Temporal is unavailable: the caller may try again.
 */
export async function reach<T>(
  client: Client,
  call: () => Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  try {
    return await withTimeout(client, timeoutMs, call);
  } catch (error) {
    if (isOutOfReach(error)) throw unavailable('The booking system cannot be reached.');
    throw error;
  }
}

/** gRPC's code for a call that can never succeed, wherever and whenever it is sent. */
const INVALID_ARGUMENT = 3;

/**
 * Whether Temporal could not be reached, or not in time. A call that it rejects as invalid is our
 * fault. The SDK wraps some of gRPC's errors, and all errors while it connects.
 */
export function isOutOfReach(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (error instanceof NoReplyInTime) return true;
  if (isGrpcServiceError(cause)) return (cause.code as number) !== INVALID_ARGUMENT;
  return error instanceof ServiceError;
}
