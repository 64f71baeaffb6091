/** How the sandbox's banks, and the sandbox itself, treat a card. */
export type Behaviour =
  | { kind: 'works' }
  /** The bank declines it, with this code. */
  | { kind: 'declines'; code: string }
  /** The bank asks its customer first (3-D Secure), who then does this. */
  | { kind: 'asks'; customer: 'passes' | 'fails' | 'abandons' }
  /** The money is moved, and the answer is lost: in the first tries, or for a time. */
  | { kind: 'loses_answers'; during: 'two_tries' | 'some_time' }
  | { kind: 'answers_slowly' }
  /** A server error, in the first tries; nothing is moved. */
  | { kind: 'fails' }
  /** The request itself is rejected, for good. */
  | { kind: 'rejects' }
  /** The money is taken, and never goes back. */
  | { kind: 'keeps_refunds' }
  /** The payer's bank takes the money back, and then this happens. */
  | { kind: 'is_disputed'; ends: 'won' | 'lost' | null };

export interface Card {
  /** Named as Stripe's test payment methods where Stripe has one that behaves so. */
  paymentMethod: string;
  behaviour: Behaviour;
  /** The answer to the payment, in Markdown. */
  answer: string;
  /** What becomes of the booking and the money then, in Markdown; empty where nothing more does. */
  then: string;
}

/** How long after the money was taken, or the customer asked, something happens, in milliseconds. */
export const DELAYS = {
  /** Until the customer does what their bank asks for. */
  customerActs: 3_000,
  disputeOpens: 2_000,
  disputeCloses: 6_000,
  /** Longer than a payer waits for the answer to a payment, which is ten seconds. */
  answersAreLost: 13_000,
  /** Long enough to be noticed; three of them fit into the ten seconds. */
  slowAnswer: 3_000,
  lostAnswer: 800,
} as const;

const HOLD_STAYS = 'the seats stay held: try another card, with a new key';
const CONFIRM =
  '202 with `nextAction`; the same request again gets the outcome once the customer has acted';

function declined<Name extends string>(paymentMethod: Name, code: string) {
  return {
    paymentMethod,
    behaviour: { kind: 'declines', code } as const,
    answer: `402 \`payment_declined\`, \`declineCode\`: \`${code}\``,
    then: HOLD_STAYS,
  };
}

/**
 * Every card that the sandbox knows; it declines any other. The reference of the API and
 * `docs/scenarios.md` show this table, and a test pays with each of its cards.
 */
export const CARDS = [
  { paymentMethod: 'pm_card_visa', behaviour: { kind: 'works' }, answer: '201', then: '' },

  declined('pm_card_chargeDeclined', 'generic_decline'),
  declined('pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'),
  declined('pm_card_chargeDeclinedExpiredCard', 'expired_card'),
  declined('pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'),
  declined('pm_card_chargeDeclinedProcessingError', 'processing_error'),
  declined('pm_card_chargeDeclinedFraudulent', 'fraudulent'),
  declined('pm_card_chargeDeclinedLostCard', 'lost_card'),
  declined('pm_card_chargeDeclinedStolenCard', 'stolen_card'),
  declined('pm_card_chargeDeclinedVelocityLimitExceeded', 'card_velocity_exceeded'),
  declined('pm_sandbox_declined_card_declined', 'card_declined'),
  declined('pm_sandbox_declined_do_not_honor', 'do_not_honor'),
  declined('pm_sandbox_declined_incorrect_number', 'incorrect_number'),
  declined('pm_sandbox_declined_authentication_required', 'authentication_required'),
  declined('pm_sandbox_declined_withdrawal_count_limit', 'withdrawal_count_limit_exceeded'),
  declined('pm_sandbox_declined_card_not_supported', 'card_not_supported'),
  declined('pm_sandbox_declined_currency_not_supported', 'currency_not_supported'),
  declined('pm_sandbox_declined_provider_rejected', 'provider_rejected'),

  {
    paymentMethod: 'pm_card_threeDSecure2Required',
    behaviour: { kind: 'asks', customer: 'passes' },
    answer: CONFIRM,
    then: 'the customer confirms after 3 s: 201',
  },
  {
    paymentMethod: 'pm_sandbox_3ds_failed',
    behaviour: { kind: 'asks', customer: 'fails' },
    answer: CONFIRM,
    then: 'the customer fails after 3 s: 402, `payment_intent_authentication_failure`',
  },
  {
    paymentMethod: 'pm_sandbox_3ds_abandoned',
    behaviour: { kind: 'asks', customer: 'abandons' },
    answer: CONFIRM,
    then: 'the customer never acts: at `paymentRequiredBy` the booking is `cancelled`, `payment_expired`; nothing is taken',
  },

  {
    paymentMethod: 'pm_sandbox_slow',
    behaviour: { kind: 'answers_slowly' },
    answer: '201, after some seconds',
    then: 'the provider takes 3 s for each answer',
  },
  {
    paymentMethod: 'pm_sandbox_error',
    behaviour: { kind: 'fails' },
    answer: '201',
    then: 'the provider fails twice with a server error; the payment is charged once',
  },
  {
    paymentMethod: 'pm_sandbox_timeout',
    behaviour: { kind: 'loses_answers', during: 'two_tries' },
    answer: '201',
    then: 'the money is taken and the answer lost, twice; the payment is charged once',
  },
  {
    paymentMethod: 'pm_sandbox_unknown',
    behaviour: { kind: 'loses_answers', during: 'some_time' },
    answer: '202 `processing`, after 10 s: nobody knows yet whether the card was charged',
    then: 'the same request again gets 201 some seconds later; the payment is charged once',
  },
  {
    paymentMethod: 'pm_sandbox_rejected',
    behaviour: { kind: 'rejects' },
    answer: '409 `booking_not_payable`',
    then: 'the provider rejects the request, whatever the card: the booking is `cancelled`, `reservation_failed`; nothing is taken',
  },

  {
    paymentMethod: 'pm_sandbox_refund_refused',
    behaviour: { kind: 'keeps_refunds' },
    answer: '201',
    then: 'cancel the booking: its refund becomes `needs_operator`',
  },
  {
    paymentMethod: 'pm_card_createDispute',
    behaviour: { kind: 'is_disputed', ends: null },
    answer: '201',
    then: 'disputed after 2 s: `dispute.status` is `open`, and the money is withdrawn; a refund becomes `needs_operator`',
  },
  {
    paymentMethod: 'pm_sandbox_dispute_won',
    behaviour: { kind: 'is_disputed', ends: 'won' },
    answer: '201',
    then: 'disputed after 2 s, `won` after 6 s: the money is back',
  },
  {
    paymentMethod: 'pm_sandbox_dispute_lost',
    behaviour: { kind: 'is_disputed', ends: 'lost' },
    answer: '201',
    then: 'disputed after 2 s, `lost` after 6 s: the money is gone',
  },
] as const satisfies readonly Card[];

export type CardName = (typeof CARDS)[number]['paymentMethod'];

const BEHAVIOURS = new Map<string, Behaviour>(
  CARDS.map(({ paymentMethod, behaviour }) => [paymentMethod, behaviour]),
);

/** Returns how a payment method is treated: the sandbox's banks decline those that they don't know. */
export function behaviourOf(paymentMethod: string): Behaviour {
  return BEHAVIOURS.get(paymentMethod) ?? { kind: 'declines', code: 'unknown_payment_method' };
}

/** Cards whose money is moved by more than one statement: something happens before, or afterwards. */
export const ELABORATE_METHODS: readonly string[] = CARDS.flatMap(
  ({ paymentMethod, behaviour: { kind } }) =>
    ['works', 'declines', 'keeps_refunds'].includes(kind) ? [] : [paymentMethod],
);
