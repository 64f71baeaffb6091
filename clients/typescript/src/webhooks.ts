import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { Schemas } from './calls.ts';

export type WebhookEvent = Schemas['WebhookEvent'];

/** A request that we did not send, or did not send now: answer it with 401. */
export class WebhookRefused extends Error {
  override name = 'WebhookRefused';
}

export interface ReceivedWebhook {
  /** Byte by byte as it came: what a parser has made of it has another signature. */
  body: string | Uint8Array;
  /** As Node, Express or `fetch` give them. */
  headers: Headers | Record<string, string | string[] | undefined>;
}

/**
 * Returns the event that a request to your webhook endpoint brings, once its signature is verified.
 *
 * `secrets` are the endpoint's; while one is being replaced, both: either will do. The time of
 * sending may differ from yours by five minutes, which keeps old requests from being played again.
 * Signatures are compared in constant time. The same event may come twice: remember its `id`.
 *
 * @throws WebhookRefused when it isn't signed with one of the secrets, or not within five minutes.
 */
export function verifyWebhook(
  { body, headers }: ReceivedWebhook,
  secrets: string | readonly string[],
): WebhookEvent {
  const text = typeof body === 'string' ? body : decoded(body);
  const signed = {
    'webhook-id': header(headers, 'webhook-id'),
    'webhook-timestamp': header(headers, 'webhook-timestamp'),
    'webhook-signature': header(headers, 'webhook-signature'),
  };
  for (const secret of [secrets].flat()) {
    try {
      new Webhook(secret).verify(text, signed, { jsonParse: false });
      return parsed(text);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
    }
  }
  throw new WebhookRefused('The request is not signed with one of the secrets, now');
}

function parsed(text: string): WebhookEvent {
  try {
    return JSON.parse(text) as WebhookEvent;
  } catch {
    throw new WebhookRefused('The body is not JSON');
  }
}

function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new WebhookRefused('The body is not text in UTF-8');
  }
}

/** Returns a header's value; names of headers have no case. */
function header(headers: ReceivedWebhook['headers'], wanted: string): string {
  if (headers instanceof Headers) return headers.get(wanted) ?? '';
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted) ?? [];
  return (Array.isArray(value) ? value.join(' ') : value) ?? '';
}
