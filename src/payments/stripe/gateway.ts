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
 * Stripe as a provider. Each payment has a PaymentIntent, which reserves the money when it is
 * created, and is captured by a separate call.
 *
 * Our keys make Stripe do each thing once, for a day. We don't rely on them alone, since a server
 * may forget or ignore a key. Before anything is created, an object with our payment's or refund's
 * ID is looked up. If a reservation was made twice all the same, one is voided.
 */
export function createStripeGateway(account: StripeAccount): PaymentGateway {
  const client = createStripeClient(account);
  const lookup = createLookup(client, account.lookMs);
  const reservations = createReservations(client, lookup);

  /**
   * Takes the money. If Stripe refuses, it may have been taken already, or have become impossible:
   * the intent shows which. Money that stays reserved is voided.
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

    async refund(refundId, providerPaymentId, money, explained) {
      const intent = await lookup.require(providerPaymentId);
      return refundIntent(client, { refundId, intent, money, explained });
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
