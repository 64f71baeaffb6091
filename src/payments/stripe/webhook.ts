import Stripe from 'stripe';
import { z } from 'zod';
import type { ProviderDispute, ProviderRefund } from '../../domain/provider-money';
import { Intent, moneyOf, standingOf, type Standing } from './intent';
import {
  isDisputeEvent,
  isRefundEvent,
  readDispute,
  readRefund,
  readRefundedCharge,
  REFUNDED_CHARGE,
} from './money-events';

/**
 * What Stripe told us, as far as it concerns us: of a payment, a dispute or a refund; or of
 * something that we don't use.
 */
export interface StripeEvent {
  /** The same each time that Stripe sends it. */
  id: string;
  type: string;
  createdAt: Date;
  /**
   * How the payment stood when the event was made, which may be long ago: events come late, twice
   * and in any order.
   */
  payment?: {
    providerPaymentId: string;
    /** Ours, when the payment was made for us under one. */
    paymentId: string | null;
    bookingId: string | null;
    amount: number;
    currency: string;
    status: Standing;
  };
  dispute?: ProviderDispute;
  refund?: ProviderRefund;
}

/** Not from Stripe, or not from now. */
export class InvalidWebhookSignature extends Error {
  override name = 'InvalidWebhookSignature';
}

/** From Stripe, and yet no event that we can read. */
export class MalformedWebhook extends Error {
  override name = 'MalformedWebhook';
}

/** Stripe's own tolerance between its clock and ours, in seconds. */
const TOLERANCE_SECONDS = 300;

const Event = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  created: z.int(),
  data: z.object({ object: z.unknown() }),
});

/**
 * Reads an event that Stripe posted to us; `body` is as it came, byte by byte.
 *
 * While a secret is being replaced there are two, and either is good.
 *
 * @throws InvalidWebhookSignature unless it was signed with one of the secrets, within five minutes
 * of now.
 * @throws MalformedWebhook when it was, and is no event.
 */
export function parseStripeWebhook(
  body: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): StripeEvent {
  const { id, type, created, data } = read(Event, verified(body, signature, secrets));
  const event = { id, type, createdAt: new Date(created * 1000) };
  if (isDisputeEvent(type)) {
    const dispute = readDispute(type, data.object, read);
    return dispute === undefined ? event : { ...event, dispute };
  }
  if (isRefundEvent(type)) {
    const refund = readRefund(data.object, read);
    return refund === undefined ? event : { ...event, refund };
  }
  if (type === REFUNDED_CHARGE) return { ...event, refund: readRefundedCharge(data.object, read) };
  if (!type.startsWith('payment_intent.')) return event;
  const intent = read(Intent, data.object);
  return {
    ...event,
    payment: {
      providerPaymentId: intent.id,
      paymentId: intent.metadata.paymentId ?? null,
      bookingId: intent.metadata.bookingId ?? null,
      ...moneyOf(intent),
      status: standingOf(intent),
    },
  };
}

function verified(body: Buffer, signature = '', secrets: readonly string[]): unknown {
  // The library looks for signatures that are too old only.
  if (secondsAhead(signature) > TOLERANCE_SECONDS) throw new InvalidWebhookSignature();
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) {
        throw new MalformedWebhook('It is not JSON', { cause: error });
      }
    }
  }
  throw new InvalidWebhookSignature();
}

/** How far ahead of our clock the sender's is, by the time that the signature names. */
function secondsAhead(signature: string): number {
  const [, sentAt] = /(?:^|,)t=(\d+)/.exec(signature) ?? [];
  return Number(sentAt) - Date.now() / 1000;
}

function read<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new MalformedWebhook(`These are missing or wrong: ${faults}`);
}
