import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Choice, Field } from '../shared/fields';

/**
 * Cards of the sandbox provider. None is real: where a real provider takes payments, its own form
 * makes the payment method, and these are declined.
 */
const CARDS = [
  ['pm_card_visa', 'Visa that works'],
  ['pm_card_chargeDeclined', 'Declined'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'Declined: not enough money'],
  ['pm_card_threeDSecure2Required', '3-D Secure: the bank asks first'],
  ['pm_sandbox_3ds_failed', '3-D Secure: the customer fails'],
  ['pm_sandbox_slow', 'Slow bank'],
  ['pm_sandbox_timeout', 'Bank whose answers are lost'],
  ['pm_sandbox_refund_refused', 'Works; its refund does not'],
  ['other', 'Another payment method'],
] as const;

type Card = (typeof CARDS)[number][0];

/** Asks for a card, and tells which payment method it is. */
export function CardChoice({ onCard }: { onCard: (paymentMethod: string) => void }): JSX.Element {
  const [card, setCard] = useState<Card>('pm_card_visa');
  const [other, setOther] = useState('');
  return (
    <div class="row">
      <Choice
        label="Sandbox card"
        value={card}
        choices={CARDS}
        onValue={(value) => {
          setCard(value);
          onCard(value === 'other' ? other : value);
        }}
      />
      {card === 'other' && (
        <Field
          label="Payment method"
          value={other}
          required
          hint="As the provider names it, such as pm_…"
          onValue={(value) => {
            setOther(value);
            onCard(value);
          }}
        />
      )}
    </div>
  );
}

export const FIRST_CARD: Card = CARDS[0][0];
