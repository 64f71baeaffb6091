import { PROVIDER_REJECTED } from './payment';

const NO_REASON = 'the bank gives no reason';
const OVER_LIMIT = 'the limit of the card is exceeded';

/**
 * Common decline codes in words, for operators. The codes are Stripe's, and the sandbox uses the
 * same.
 *
 * @see https://docs.stripe.com/declines/codes
 */
const MEANINGS: Record<string, string> = {
  [PROVIDER_REJECTED]: 'the payment provider rejects the request, whatever the card',
  payment_voided: 'the authorization was voided: the booking could not wait for it any longer',
  generic_decline: NO_REASON,
  card_declined: NO_REASON,
  do_not_honor: NO_REASON,
  insufficient_funds: 'not enough money on the account',
  expired_card: 'the card has expired',
  incorrect_cvc: 'the security code is wrong',
  incorrect_number: 'the card number is wrong',
  authentication_required: 'the bank requires authentication (3-D Secure)',
  payment_intent_authentication_failure: 'the authentication (3-D Secure) failed',
  lost_card: 'the card is reported lost',
  stolen_card: 'the card is reported stolen',
  fraudulent: 'the provider suspects fraud',
  card_velocity_exceeded: OVER_LIMIT,
  withdrawal_count_limit_exceeded: OVER_LIMIT,
  card_not_supported: 'the card does not allow this kind of payment',
  currency_not_supported: 'the card does not allow this currency',
  processing_error: 'the bank could not process the payment',
  unknown_payment_method: 'the provider does not know the payment method',
};

/** Describes a decline code in words, with the code itself; only the code if it is not common. */
export function describeDecline(code: string): string {
  const meaning = MEANINGS[code];
  return meaning === undefined ? `\`${code}\`` : `${meaning} (\`${code}\`)`;
}
