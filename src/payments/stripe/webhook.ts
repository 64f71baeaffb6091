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
 * An event of Stripe, as far as it concerns us: about a payment, a dispute or a refund, or about
 * something that we don't use.
 */
export interface StripeEvent {
  /** The same each time that Stripe sends it. */
  id: string;
  type: string;
  createdAt: Date;
  /**
   * The payment's state when the event was created, which may be long ago: events come late, twice
   * and in any order.
   */
  payment?: {
    providerPaymentId: string;
    /** Our ID, if the payment was made for us under one. */
    paymentId: string | null;
    bookingId: string | null;
    amount: number;
    currency: string;
    status: Standing;
  };
  dispute?: ProviderDispute;
  refund?: ProviderRefund;
}

/** The message is not from Stripe, or not recent. */
export class InvalidWebhookSignature extends Error {
  override name = 'InvalidWebhookSignature';
}

/** The message is from Stripe, but not an event that we can read. */
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
 * Reads an event that Stripe posted to us; `body` is the raw body, byte by byte.
 *
 * While a secret is being replaced there are two, and both are valid.
 *
 * @throws InvalidWebhookSignature unless it was signed with one of the secrets, within five minutes
 * of now.
 * @throws MalformedWebhook when it was signed, but is not an event.
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
  // The library only rejects signatures that are too old.
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

/** Returns how many seconds the sender's clock is ahead of ours, by the time in the signature. */
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
