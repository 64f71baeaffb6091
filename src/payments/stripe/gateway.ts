import { PROVIDER_REJECTED } from '../../domain/payment';
import { ProviderUnavailable, type Capture, type PaymentGateway } from '../gateway';
import { readAnswer, requireSameMoney } from './answers';
import { askOnce, createStripeClient, StripeRefusal, type StripeAccount } from './client';
import {
  countingIntent,
  declineCodeOf,
  GIVEN_UP,
  Intent,
  moneyOf,
  standingOf,
  toProviderPayment,
} from './intent';
import { createLookup } from './lookup';
import { refundIntent } from './refunds';
import { createReservations } from './reservations';

/**
 * Stripe: a PaymentIntent for each payment, which reserves the money when it is made and takes it
 * by a call of its own.
 *
 * Our keys make Stripe do each thing once, for a day. They aren't all that we rely on, since a key
 * may be forgotten, or not be heeded at all: what carries our payment's or refund's ID is looked
 * for before anything is made, and a reservation that was made twice all the same is given up.
 */
export function createStripeGateway(account: StripeAccount): PaymentGateway {
  const client = createStripeClient(account);
  const lookup = createLookup(client, account.lookMs);
  const reservations = createReservations(client, lookup);

  /**
   * Takes the money. What Stripe refuses to do may have been done already, or have become
   * impossible: the intent itself says. Money that stays reserved is let go.
   */
  async function take(intent: Intent): Promise<Capture> {
    try {
      const answer = await askOnce(`capture/${intent.id}`, (options) =>
        client.paymentIntents.capture(intent.id, {}, options),
      );
      const taken = readAnswer(Intent, answer);
      requireSameMoney(taken.id, moneyOf(intent), moneyOf(taken));
      return toCapture(taken);
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      const found = await lookup.require(intent.id);
      if (standingOf(found) !== 'authorized') {
        requireSameMoney(found.id, moneyOf(intent), moneyOf(found));
        return toCapture(found);
      }
      await reservations.giveUp(intent.id);
      return { status: 'declined', declineCode: PROVIDER_REJECTED };
    }
  }

  return {
    provider: 'stripe',

    authorize: (charge) => reservations.authorize(charge),

    async capture(providerPaymentId) {
      const reserved = await lookup.require(providerPaymentId);
      return standingOf(reserved) === 'authorized' ? take(reserved) : toCapture(reserved);
    },

    void: (providerPaymentId) => reservations.giveUp(providerPaymentId),

    async refund(refundId, providerPaymentId, money) {
      const intent = await lookup.require(providerPaymentId);
      return refundIntent(client, { refundId, intent, money });
    },

    async find(paymentId, startedAt) {
      const intent = countingIntent(await lookup.ofPayment({ paymentId, startedAt }));
      return intent && toProviderPayment(intent);
    },

    async retrieve(providerPaymentId) {
      const intent = await lookup.retrieve(providerPaymentId);
      return intent && toProviderPayment(intent);
    },

    async *listCaptured(since) {
      const captured: Intent[] = [];
      for await (const intent of lookup.since(since)) {
        if (standingOf(intent) === 'captured') captured.push(intent);
      }
      yield* captured.toSorted((one, other) => one.created - other.created).map(toProviderPayment);
    },
  };
}

/** @throws ProviderUnavailable while it is neither taken nor past being taken. */
function toCapture(intent: Intent): Capture {
  const standing = standingOf(intent);
  switch (standing) {
    case 'captured':
      return { status: standing };
    case 'voided':
      return { status: 'declined', declineCode: GIVEN_UP };
    case 'declined':
      return { status: standing, declineCode: declineCodeOf(intent) };
    case 'authorized':
    case 'requires_action':
    case 'processing':
      throw new ProviderUnavailable(`${intent.id} can't be captured: it is ${standing}`);
  }
}
