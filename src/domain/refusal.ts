/** Why a request that was understood is refused. Each code is one of the API's problem codes. */
export const REFUSAL_CODES = [
  'payment_declined',
  'forbidden',
  'flight_not_found',
  'booking_not_found',
  'seats_unavailable',
  'flight_closed',
  'booking_not_payable',
  'payment_in_progress',
  'booking_not_cancellable',
  'quote_changed',
  'quote_not_found',
  'quote_expired',
  'booking_not_changeable',
  'change_in_progress',
  'schedule_change_not_found',
  'schedule_change_closed',
  'flight_departed',
  'idempotency_key_reused',
  'amount_mismatch',
  'rate_limited',
  'too_many_holds',
  'too_many_declines',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/**
 * A rule refused the request: nothing changed, and the same request gets the same result.
 *
 * `detail` is written for the customer and holds no personal data: it reaches HTTP responses and
 * Temporal's history.
 */
export class Refusal extends Error {
  override name = 'Refusal';

  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
    /** When the same request may succeed, if waiting helps. */
    readonly retryAt?: Date,
  ) {
    super(detail);
  }
}
