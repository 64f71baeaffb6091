import { z } from 'zod';
import type { Money } from '../../domain/money';
import type { NextAction } from '../../domain/payment';
import { ProviderUnavailable, type ProviderPayment } from '../gateway';

/**
 * Stripe writes currencies in lower case. Its amounts are in the minor unit, as ours are; a
 * currency without one, such as the yen, has whole units.
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
  /** Only an ID, unless the full object was requested. */
  latest_charge: z.union([z.string(), z.object({ amount_refunded: z.int() })]).nullish(),
});

export type Intent = z.infer<typeof Intent>;

/**
 * The state of a payment; `processing` as long as Stripe itself does not know. In the order in
 * which intents of one payment take precedence.
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
      // An intent also begins like this, before its card is tried.
      return last_payment_error ? 'declined' : 'processing';
    default:
      return 'processing';
  }
}

/**
 * The decline code of a payment whose reservation was voided, or lapsed, before its money was
 * taken.
 */
export const GIVEN_UP = 'payment_voided';

/** Returns whether it reserves money on the card, or will once the customer has done something. */
export function isReserving(intent: Intent): boolean {
  return ['authorized', 'requires_action'].includes(standingOf(intent));
}

/** Returns the money that was taken, or else the money that was requested. */
export function moneyOf(intent: Intent): Money {
  const { amount, amount_received: received, currency } = intent;
  const isTaken = standingOf(intent) === 'captured';
  return { amount: isTaken ? (received ?? amount) : amount, currency };
}

/** Returns the most specific reason for a declined card. */
export function declineCodeOf({ last_payment_error: error }: Intent): string {
  return error?.decline_code ?? error?.code ?? 'card_declined';
}

/**
 * Returns what the customer has to do: open a page of their bank, or let Stripe's script in their
 * browser handle it.
 */
export function nextActionOf({ id, next_action, client_secret }: Intent): NextAction {
  const url = next_action?.redirect_to_url?.url;
  if (url) return { type: 'redirect', url };
  if (client_secret) return { type: 'use_sdk', clientSecret: client_secret };
  throw new ProviderUnavailable(`Stripe does not say which action ${id} requires`);
}

/**
 * Of several intents of one payment, returns the one that counts. Captured comes before authorized,
 * authorized before others, and then the oldest. If two are of the same second, their IDs decide,
 * so that every caller picks the same one.
 */
export function countingIntent(intents: Intent[]): Intent | undefined {
  return intents.toSorted(
    (one, other) =>
      STANDINGS.indexOf(standingOf(one)) - STANDINGS.indexOf(standingOf(other)) ||
      one.created - other.created ||
      (one.id < other.id ? -1 : 1),
  )[0];
}

/** @throws ProviderUnavailable while Stripe itself does not know its outcome. */
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
