import { z } from 'zod';
import type { Money } from '../../domain/money';
import type { NextAction } from '../../domain/payment';
import { ProviderUnavailable, type ProviderPayment } from '../gateway';

/**
 * Stripe writes currencies in lower case. Its amounts are in the minor unit as ours are: of a
 * currency without one, as the yen, in whole units.
 */
export const Currency = z.string().transform((code) => code.toUpperCase());

const CodesOfError = z.object({
  code: z.string().nullish(),
  decline_code: z.string().nullish(),
});

/** What we read of a PaymentIntent. */
export const Intent = z.object({
  id: z.string().min(1),
  created: z.int(),
  status: z.string(),
  amount: z.int(),
  amount_received: z.int().nullish(),
  currency: Currency,
  metadata: z.record(z.string(), z.string()),
  client_secret: z.string().nullish(),
  last_payment_error: CodesOfError.nullish(),
  next_action: z
    .object({ redirect_to_url: z.object({ url: z.string().nullish() }).nullish() })
    .nullish(),
  /** An ID only, where it was not asked for in full. */
  latest_charge: z.union([z.string(), z.object({ amount_refunded: z.int() })]).nullish(),
});

export type Intent = z.infer<typeof Intent>;

/**
 * Where a payment stands; `processing` as long as not even Stripe knows. The order is that in which
 * intents of one payment count.
 */
const STANDINGS = [
  'captured',
  'authorized',
  'requires_action',
  'processing',
  'declined',
  'voided',
] as const;

export type Standing = (typeof STANDINGS)[number];

export function standingOf({ status, last_payment_error }: Intent): Standing {
  switch (status) {
    case 'succeeded':
      return 'captured';
    case 'requires_capture':
      return 'authorized';
    case 'requires_action':
      return 'requires_action';
    case 'canceled':
      return 'voided';
    case 'requires_payment_method':
      // An intent begins so, too, before its card is tried.
      return last_payment_error ? 'declined' : 'processing';
    default:
      return 'processing';
  }
}

/**
 * The decline code of a payment whose reservation was given up, or lapsed, before its money was
 * taken.
 */
export const GIVEN_UP = 'payment_voided';

/** Returns whether it holds money on the card, or will once the customer has done something. */
export function isReserving(intent: Intent): boolean {
  return ['authorized', 'requires_action'].includes(standingOf(intent));
}

/** The money that was taken, or else that is asked for. */
export function moneyOf(intent: Intent): Money {
  const { amount, amount_received: received, currency } = intent;
  const isTaken = standingOf(intent) === 'captured';
  return { amount: isTaken ? (received ?? amount) : amount, currency };
}

/** The most specific reason that there is for a declined card. */
export function declineCodeOf({ last_payment_error: error }: Intent): string {
  return error?.decline_code ?? error?.code ?? 'card_declined';
}

/**
 * What the customer has to do: go to a page of their bank, or let Stripe's script in their browser
 * see to it.
 */
export function nextActionOf({ id, next_action, client_secret }: Intent): NextAction {
  const url = next_action?.redirect_to_url?.url;
  if (url) return { type: 'redirect', url };
  if (client_secret) return { type: 'use_sdk', clientSecret: client_secret };
  throw new ProviderUnavailable(`Stripe doesn't say what ${id} is waiting for`);
}

/**
 * Of several intents that one payment was given, the one that counts: captured before authorized
 * before others, the oldest first. An ID decides between two of one second, so that all who look
 * come to the same answer.
 */
export function countingIntent(intents: Intent[]): Intent | undefined {
  return intents.toSorted(
    (one, other) =>
      STANDINGS.indexOf(standingOf(one)) - STANDINGS.indexOf(standingOf(other)) ||
      one.created - other.created ||
      (one.id < other.id ? -1 : 1),
  )[0];
}

/** @throws ProviderUnavailable while not even Stripe knows what became of it. */
export function toProviderPayment(intent: Intent): ProviderPayment {
  const status = standingOf(intent);
  if (status === 'processing') throw new ProviderUnavailable(`${intent.id} is being processed`);
  const { latest_charge: charge, metadata } = intent;
  return {
    providerPaymentId: intent.id,
    paymentId: metadata.paymentId ?? null,
    bookingId: metadata.bookingId ?? null,
    status,
    money: moneyOf(intent),
    refunded: typeof charge === 'object' && charge !== null ? charge.amount_refunded : 0,
  };
}
