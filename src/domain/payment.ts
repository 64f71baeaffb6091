import type { BookingStatus } from './booking-status';

export const PAYMENT_STATUSES = [
  'processing',
  'authorized',
  'captured',
  'declined',
  'voided',
  'not_found',
] as const;

/**
 * - `processing`: requested, outcome not known yet;
 * - `authorized`: reserved on the card;
 * - `captured`: taken;
 * - `not_found`: reported to us by others, and not known to the provider that they named.
 */
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/**
 * Requested and not decided: the money may move at any moment, and nothing else may happen to what
 * it is for.
 */
export const UNDER_WAY = ['processing', 'authorized'] as const satisfies PaymentStatus[];

export function isUnderWay(status: PaymentStatus): boolean {
  return UNDER_WAY.some((one) => one === status);
}

/** The providers that we may have accounts with. They are asked before a report is believed. */
const OWN_PROVIDERS = ['sandbox', 'stripe'];

/** Whether a report that names this provider must be looked up there before it has any effect. */
export function isOwnProvider(provider: string): boolean {
  return OWN_PROVIDERS.includes(provider);
}

/**
 * Why a reported payment has no money behind it: its provider does not have it, or gave no result.
 */
export const NO_MONEY = ['not_found', 'provider_silent'] as const;

/**
 * Whether there is money behind a reported payment that pays for nothing, given the reason for
 * that.
 */
export function isMoney<Reason extends string>(
  reason: Reason,
): reason is Exclude<Reason, (typeof NO_MONEY)[number]> {
  return !NO_MONEY.some((one) => one === reason);
}

/** What the customer has to do before their bank approves the payment, for example 3-D Secure. */
export type NextAction =
  | { type: 'redirect'; url: string }
  /** For the provider's own script in the customer's browser. */
  | { type: 'use_sdk'; clientSecret: string };

export const DISPUTE_STATUSES = ['open', 'won', 'lost'] as const;

/**
 * `open`: the payer's bank wants the money back, or has it; `won`: it stays ours; `lost`: it is
 * gone.
 */
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

/** A captured payment that the payer's bank takes back (chargeback), in whole or in part. */
export interface Dispute {
  status: DisputeStatus;
  amount: number;
  currency: string;
}

/** A payment as its payer sees it: plain JSON, `capturedAt` in ISO 8601. */
export interface Payment {
  id: string;
  bookingId: string;
  bookingStatus: BookingStatus;
  status: PaymentStatus;
  amount: number;
  currency: string;
  capturedAt: string | null;
  /**
   * Why it was declined, in the provider's words; absent in responses from before the field
   * existed.
   */
  declineCode?: string | null | undefined;
  /** Absent in responses that were stored before the field existed. */
  dispute?: Dispute | null | undefined;
  nextAction?: NextAction | undefined;
}

/** The decline code of a charge that the provider itself rejected, whatever the card. */
export const PROVIDER_REJECTED = 'provider_rejected';

/**
 * After this many declined payments a booking takes no more: someone may be testing stolen cards.
 */
export const MAX_DECLINES = 10;

/** The same for one customer within an hour, across all bookings, unless configured otherwise. */
export const MAX_DECLINES_PER_HOUR = 20;

/**
 * Why a charge took nothing where it was not on our side: the customer left their bank's question
 * unanswered, or the bank refused.
 */
export type CustomersVoidReason = 'not_confirmed' | 'declined';
