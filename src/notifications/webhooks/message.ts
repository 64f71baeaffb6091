import { Webhook } from 'standardwebhooks';

/** What a receiver gets. `booking` is as the REST API shows it; a ping has none. */
export interface WebhookMessage {
  id: string;
  type: string;
  createdAt: string;
  sequence: number | null;
  data: { booking: unknown };
}

/** A message as it is sent. */
export interface SignedMessage {
  body: string;
  headers: Record<string, string>;
}

/**
 * Signs a message by the Standard Webhooks scheme (https://www.standardwebhooks.com), with each of
 * the secrets: while one is being replaced, a receiver may know either.
 */
export function signMessage(
  message: WebhookMessage,
  secrets: readonly string[],
  at: Date,
): SignedMessage {
  const body = JSON.stringify(message);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(message.id, at, body));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'FlightBookings-Webhooks/1',
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
  };
}
