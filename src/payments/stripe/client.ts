import Stripe from 'stripe';
import { ProviderRejected, ProviderUnavailable } from '../gateway';

export interface StripeAccount {
  secretKey: string;
  /** Base URL of the API; Stripe's own if not given. */
  apiBase?: string | undefined;
  /** Time limit of one request, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How long one activity may search a list of payments, in milliseconds. */
  lookMs?: number | undefined;
}

const STRIPE = 'https://api.stripe.com';

/**
 * Below the five seconds that an activity has: our own error then says more than Temporal's
 * timeout.
 */
const TIMEOUT_MS = 4_000;

/**
 * Creates a client of the official library that sends each request once: only the workflow decides
 * on retries.
 */
export function createStripeClient(account: StripeAccount): Stripe {
  const { protocol, hostname, port } = new URL(account.apiBase ?? STRIPE);
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return new Stripe(account.secretKey, {
    protocol: scheme,
    host: hostname,
    port: port === '' ? { http: 80, https: 443 }[scheme] : port,
    httpClient: sendOnce(),
    maxNetworkRetries: 0,
    timeout: account.timeoutMs ?? TIMEOUT_MS,
    telemetry: false,
  });
}

/**
 * Creates an HTTP client that sends each request once. The library repeats one whose connection
 * broke, even when told not to. The request may have been received, so the error is passed on
 * without the code that the library checks.
 */
function sendOnce() {
  const client = Stripe.createNodeHttpClient();
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...request) => {
    try {
      return await send(...request);
    } catch (error) {
      throw new Error('No answer', { cause: error });
    }
  };
  return client;
}

/**
 * Stripe rejects a request for good: the same request would get the same response. Its text is not
 * passed on, since it may quote what we sent.
 */
export class StripeRefusal extends ProviderRejected {
  override name = 'StripeRefusal';
  readonly code: string | undefined;
  readonly declineCode: string | undefined;
  readonly status: number | undefined;
  /** The field of the request that Stripe objects to. */
  readonly field: string | undefined;
  /** The PaymentIntent that the request created anyway, as a declined card does. */
  readonly intentId: string | undefined;

  constructor(error: Stripe.errors.StripeError) {
    const { statusCode, requestId, code, rawType } = error;
    super(`Stripe refused request ${requestId}: ${statusCode} ${code ?? rawType}`);
    // The library returns empty texts for fields that Stripe leaves out.
    this.code = code === '' ? undefined : code;
    this.declineCode = error.decline_code === '' ? undefined : error.decline_code;
    this.status = statusCode;
    this.field = error.param;
    this.intentId = error.payment_intent?.id;
  }
}

/**
 * Whether Stripe rejects a request for good. That is a 4xx, except for a timeout, a request in
 * progress under the same key, and too many requests.
 *
 * A wrong key, or one without rights (401, 403), counts as well. Nothing was done, and until
 * someone repairs the settings every request gets that response. Asking again would only keep seats
 * on hold.
 */
function isDefiniteNo(error: Stripe.errors.StripeError): boolean {
  const { statusCode = 0 } = error;
  if (error instanceof Stripe.errors.StripeRateLimitError) return false;
  return statusCode >= 400 && statusCode < 500 && ![408, 409, 429].includes(statusCode);
}

/**
 * Makes one request.
 *
 * @throws StripeRefusal when Stripe rejects it for good.
 * @throws ProviderUnavailable when there was no response, or none that tells the request's outcome.
 */
export async function ask<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (isDefiniteNo(error)) throw new StripeRefusal(error);
    const { statusCode } = error;
    throw new ProviderUnavailable(
      statusCode === undefined
        ? 'Stripe did not respond.'
        : `Stripe responded to request ${error.requestId} with ${statusCode}.`,
      { cause: error },
    );
  }
}

/** One for the request itself, and a few for consecutive server errors. */
const KEYS_PER_OPERATION = 3;

/**
 * Makes a request that moves money, once under our key.
 *
 * Stripe stores the response to a key for at least 24 hours, even a server error. A repeated error
 * says nothing new, so the request is made under the next key. The caller has just checked whether
 * the first one took effect after all.
 *
 * @see https://docs.stripe.com/api/idempotent_requests
 * @throws as `ask` does.
 */
export async function askOnce<T>(
  key: string,
  request: (options: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await ask(() => request({ idempotencyKey: number === 1 ? key : `${key}/${number}` }));
    } catch (error) {
      if (number === KEYS_PER_OPERATION || !isEchoOfServerError(error)) throw error;
    }
  }
}

function isEchoOfServerError(error: unknown): boolean {
  if (!(error instanceof ProviderUnavailable)) return false;
  const { cause } = error;
  return (
    cause instanceof Stripe.errors.StripeError &&
    (cause.statusCode ?? 0) >= 500 &&
    cause.headers?.['idempotent-replayed'] === 'true'
  );
}
