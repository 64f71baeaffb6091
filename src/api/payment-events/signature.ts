import type { Request } from 'express';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { Problem } from '../problem';

/**
 * Checks that a request was signed with one of our secrets, over its raw body and within five
 * minutes, by the Standard Webhooks scheme (https://www.standardwebhooks.com). While a secret is
 * being replaced there are two, and both are valid.
 *
 * @throws Problem `unauthenticated`, which doesn't tell what was wrong.
 */
export function requireSignature(req: Request, body: Buffer, secrets: readonly string[]): void {
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
      name,
      req.get(name) ?? '',
    ]),
  );
  for (const secret of secrets) {
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
      return;
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
    }
  }
  throw new Problem('unauthenticated', 'The event is not signed as agreed.');
}
