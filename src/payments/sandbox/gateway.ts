import type { Knex } from 'knex';
import {
  ProviderRejected,
  ProviderUnavailable,
  type Authorization,
  type PaymentGateway,
  type ProviderPayment,
} from '../gateway';
import {
  countTry,
  findIntent,
  findIntentByKey,
  findRefunded,
  listCapturedIntents,
  openAskingIntent,
  openIntent,
  refundIntent,
  settleIntent,
  settleReportedIntent,
  type OpenedIntent,
  type PaymentIntent,
} from './books';
import { behaviourOf, ELABORATE_METHODS, type Behaviour } from './cards';
import { failBefore, hinderAnswer, isFaulty } from './faults';

/**
 * The payment provider of the local stack, which simulates an outside company. It keeps its own
 * books in PostgreSQL, uses each key once, survives kills, and does to each card as `CARDS` says.
 */
export function createSandboxGateway(db: Knex): PaymentGateway {
  /**
   * Runs one operation on the books, with the faults of the payment method before and after it.
   * Tries are counted only where there are any.
   */
  async function answer<T>(
    { key, operation, paymentMethod }: { key: string; operation: string; paymentMethod: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const behaviour = behaviourOf(paymentMethod);
    if (!isFaulty(behaviour)) return work();
    const tries = await countTry(db, key, operation);
    failBefore(behaviour, tries.attempt);
    const result = await work();
    await hinderAnswer(behaviour, { operation, ...tries });
    return result;
  }

  /** Returns the intent's status afterwards. Of an ordinary card it is one statement. */
  async function settle(
    id: string,
    operation: string,
    status: 'captured' | 'voided',
  ): Promise<string> {
    if (await settleIntent(db, id, status, ELABORATE_METHODS)) return status;
    const intent = await requireIntent(id);
    const call = { key: intent.idempotency_key, operation, paymentMethod: intent.payment_method };
    return answer(call, async () =>
      (await settleReportedIntent(db, intent, status)) ? status : (await requireIntent(id)).status,
    );
  }

  /** @throws ProviderRejected when there is no such intent. */
  async function requireIntent(id: string): Promise<PaymentIntent> {
    const intent = await findIntent(db, id);
    if (intent === undefined) throw new ProviderRejected(`No such payment intent: ${id}`);
    return intent;
  }

  async function describe(intent: PaymentIntent | undefined): Promise<ProviderPayment | undefined> {
    if (intent === undefined) return undefined;
    return toPayment(intent, await findRefunded(db, intent.id));
  }

  return {
    provider: 'sandbox',

    async authorize({ paymentId, bookingId, money, paymentMethod }) {
      const behaviour = behaviourOf(paymentMethod);
      const intent = await answer({ key: paymentId, operation: 'authorize', paymentMethod }, () => {
        const open = behaviour.kind === 'asks' ? openAskingIntent : openIntent;
        return open(db, {
          idempotency_key: paymentId,
          booking_id: bookingId,
          amount: money.amount,
          currency: money.currency,
          payment_method: paymentMethod,
          ...decisionOf(behaviour),
        });
      });
      return toAuthorization(intent);
    },

    async capture(providerPaymentId) {
      const status = await settle(providerPaymentId, 'capture', 'captured');
      if (status === 'captured') return { status };
      if (status === 'requires_action')
        throw new ProviderUnavailable(`Payment intent ${providerPaymentId} is ${status}.`);
      return { status: 'declined', declineCode: GIVEN_UP };
    },

    async void(providerPaymentId) {
      const status = await settle(providerPaymentId, 'void', 'voided');
      if (status === 'captured')
        throw new Error(`Payment intent ${providerPaymentId} is captured: only a refund undoes it`);
    },

    async refund(refundId, providerPaymentId, { amount }, explained) {
      const { payment_method: paymentMethod } = await requireIntent(providerPaymentId);
      if (behaviourOf(paymentMethod).kind === 'keeps_refunds')
        return { status: 'refused', code: 'refund_refused' };
      return answer({ key: refundId, operation: 'refund', paymentMethod }, () =>
        refundIntent(db, { key: refundId, intentId: providerPaymentId, amount, explained }),
      );
    },

    find: async (paymentId) => describe(await findIntentByKey(db, paymentId)),

    retrieve: async (providerPaymentId) => describe(await findIntent(db, providerPaymentId)),

    async *listCaptured(since) {
      for await (const intent of listCapturedIntents(db, since))
        yield toPayment(intent, intent.refunded);
    },
  };
}

function toPayment(intent: PaymentIntent, refunded: number): ProviderPayment {
  return {
    providerPaymentId: intent.id,
    paymentId: intent.idempotency_key,
    bookingId: intent.booking_id,
    status: intent.status as ProviderPayment['status'],
    money: { amount: intent.amount, currency: intent.currency },
    refunded,
  };
}

/** The code of a payment whose reservation was voided before its money was taken. */
const GIVEN_UP = 'payment_voided';

/** How an intent begins. */
function decisionOf(behaviour: Behaviour): { status: string; decline_code: string | null } {
  if (behaviour.kind === 'declines') return { status: 'declined', decline_code: behaviour.code };
  const status = behaviour.kind === 'asks' ? 'requires_action' : 'authorized';
  return { status, decline_code: null };
}

function toAuthorization({ id, status, decline_code }: OpenedIntent): Authorization {
  if (decline_code !== null) return { status: 'declined', declineCode: decline_code };
  if (status === 'voided') return { status: 'declined', declineCode: GIVEN_UP };
  if (status === 'requires_action')
    return { status, providerPaymentId: id, nextAction: { type: 'redirect', url: bankPage(id) } };
  return { status: 'authorized', providerPaymentId: id };
}

/** Where a bank asks its customer. Nobody has to go there: customers of the sandbox act by themselves. */
function bankPage(intentId: string): string {
  return `https://bank.example/confirm/${intentId}`;
}
