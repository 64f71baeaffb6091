import type Stripe from 'stripe';
import { PROVIDER_REJECTED } from '../../domain/payment';
import { ProviderUnavailable, type Authorization, type Charge } from '../gateway';
import { requireSameMoney } from './answers';
import { askOnce, StripeRefusal } from './client';
import {
  countingIntent,
  declineCodeOf,
  GIVEN_UP,
  isReserving,
  nextActionOf,
  standingOf,
  type Intent,
} from './intent';
import type { Lookup } from './lookup';

/**
 * The last version of Stripe's API in which `payment_method_types` says that an intent is for
 * cards. Only Stripe itself knows the new name, not the servers that replace it in tests.
 *
 * @see
 * https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
 */
const CARDS_BY_TYPE = '2026-08-26.dahlia';

/** Money on a card, from its reservation until it is voided. */
export interface Reservations {
  authorize(charge: Charge): Promise<Authorization>;
  /** @throws Error when the money was taken: only a refund undoes that. */
  giveUp(intentId: string): Promise<void>;
}

export function createReservations(client: Stripe, lookup: Lookup): Reservations {
  async function authorize(charge: Charge): Promise<Authorization> {
    const earlier = await keepOne(await lookup.ofPayment(charge));
    if (earlier !== undefined) return toAuthorization(charge, earlier);
    const { intentId, declineCode } = await open(charge);
    const kept = await keepOne(await lookup.ofPayment(charge, intentId));
    if (kept !== undefined) return toAuthorization(charge, kept);
    if (declineCode !== undefined) return { status: 'declined', declineCode };
    throw new ProviderUnavailable(`Stripe does not find ${intentId}, which it has just created`);
  }

  /** Creates the intent and tries the card. A refusal may leave an intent behind, or none. */
  async function open({ paymentId, bookingId, money, paymentMethod }: Charge): Promise<Opening> {
    const intent = {
      amount: money.amount,
      currency: money.currency.toLowerCase(),
      payment_method: paymentMethod,
      payment_method_types: ['card'],
      capture_method: 'manual' as const,
      confirm: true,
      metadata: { paymentId, bookingId },
    };
    try {
      const { id } = await askOnce(`authorize/${paymentId}`, (options) =>
        client.paymentIntents.create(intent, { ...options, apiVersion: CARDS_BY_TYPE }),
      );
      return { intentId: id };
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      // The same request would fail again: the payment is declined, and the customer can try
      // another one.
      const declineCode = isOfPaymentMethod(error) ? reasonOf(error) : PROVIDER_REJECTED;
      return { intentId: error.intentId, declineCode };
    }
  }

  /**
   * Two concurrent calls, at a server that ignores keys, make two intents. Every caller keeps the
   * same one and voids the rest, so that the card is not reserved twice. A caller that returned one
   * of the rest learns from its capture that it was voided.
   */
  async function keepOne(intents: Intent[]): Promise<Intent | undefined> {
    const kept = countingIntent(intents);
    const others = intents.filter((intent) => intent !== kept && isReserving(intent));
    for (const { id } of others) await giveUp(id);
    return kept;
  }

  async function giveUp(intentId: string): Promise<void> {
    try {
      await askOnce(`void/${intentId}`, (options) =>
        client.paymentIntents.cancel(intentId, {}, options),
      );
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      const standing = standingOf(await lookup.require(intentId));
      if (standing === 'voided') return;
      if (standing !== 'captured') throw error;
      throw new Error(`${intentId} is captured: only a refund undoes it`, { cause: error });
    }
  }

  return { authorize, giveUp };
}

interface Opening {
  intentId: string | undefined;
  declineCode?: string;
}

/**
 * Returns whether the card or payment method was refused: a 404 is about the only object that the
 * request names.
 */
function isOfPaymentMethod({ status, field }: StripeRefusal): boolean {
  return status === 402 || status === 404 || field === 'payment_method';
}

function reasonOf({ declineCode, code }: StripeRefusal): string {
  if (declineCode !== undefined) return declineCode;
  return code === undefined || code === 'resource_missing' ? 'unknown_payment_method' : code;
}

/** @throws MoneyMismatch when the intent's amount differs from the charge's. */
function toAuthorization({ money }: Charge, intent: Intent): Authorization {
  const { id: providerPaymentId, amount, currency } = intent;
  requireSameMoney(providerPaymentId, money, { amount, currency });
  const standing = standingOf(intent);
  switch (standing) {
    case 'captured':
    case 'authorized':
      return { status: 'authorized', providerPaymentId };
    case 'requires_action':
      return { status: standing, providerPaymentId, nextAction: nextActionOf(intent) };
    case 'declined':
      return { status: standing, declineCode: declineCodeOf(intent) };
    case 'voided':
      return { status: 'declined', declineCode: GIVEN_UP };
    case 'processing':
      throw new ProviderUnavailable(`${providerPaymentId} is being processed`);
  }
}
