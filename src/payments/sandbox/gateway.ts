import type { Knex } from 'knex';
import {
  ProviderRejected,
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
  openIntent,
  refundIntent,
  settleIntent,
  type OpenedIntent,
  type PaymentIntent,
} from './books';
import { declineCodeOf, failBefore, hinderAnswer, isFaulty, FAULTY_METHODS } from './methods';

/**
 * The payment provider of the local stack, which simulates an outside company. It keeps its own
 * books in PostgreSQL, uses each key once, survives kills, and fails as its payment methods say.
 */
export function createSandboxGateway(db: Knex): PaymentGateway {
  /**
   * Runs one operation on the books, with the faults of the payment method before and after it.
   * Tries are counted only where a fault depends on their number.
   */
  async function answer<T>(
    { key, operation, paymentMethod }: { key: string; operation: string; paymentMethod: string },
    work: () => Promise<T>,
  ): Promise<T> {
    if (!isFaulty(paymentMethod)) return work();
    const attempt = await countTry(db, key, operation);
    failBefore(paymentMethod, attempt);
    const result = await work();
    await hinderAnswer(paymentMethod, attempt);
    return result;
  }

  /** Returns the intent's status afterwards. Of a card without faults it is one statement. */
  async function settle(
    id: string,
    operation: string,
    status: 'captured' | 'voided',
  ): Promise<string> {
    if (await settleIntent(db, id, status, FAULTY_METHODS)) return status;
    const intent = await requireIntent(id);
    const call = { key: intent.idempotency_key, operation, paymentMethod: intent.payment_method };
    return answer(call, async () =>
      (await settleIntent(db, id, status)) ? status : (await requireIntent(id)).status,
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
      const intent = await answer({ key: paymentId, operation: 'authorize', paymentMethod }, () => {
        const declineCode = declineCodeOf(paymentMethod) ?? null;
        return openIntent(db, {
          idempotency_key: paymentId,
          booking_id: bookingId,
          amount: money.amount,
          currency: money.currency,
          payment_method: paymentMethod,
          status: declineCode === null ? 'authorized' : 'declined',
          decline_code: declineCode,
        });
      });
      return toAuthorization(intent);
    },

    async capture(providerPaymentId) {
      const status = await settle(providerPaymentId, 'capture', 'captured');
      return status === 'captured' ? { status } : { status: 'declined', declineCode: GIVEN_UP };
    },

    async void(providerPaymentId) {
      const status = await settle(providerPaymentId, 'void', 'voided');
      if (status === 'captured')
        throw new Error(`Payment intent ${providerPaymentId} is captured: only a refund undoes it`);
    },

    async refund(refundId, providerPaymentId, { amount }) {
      const { payment_method: paymentMethod } = await requireIntent(providerPaymentId);
      const providerRefundId = await answer(
        { key: refundId, operation: 'refund', paymentMethod },
        () => refundIntent(db, { key: refundId, intentId: providerPaymentId, amount }),
      );
      return providerRefundId === undefined
        ? { status: 'refused', code: 'exceeds_capture' }
        : { status: 'succeeded', providerRefundId };
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

function toAuthorization({ id, status, decline_code }: OpenedIntent): Authorization {
  if (decline_code !== null) return { status: 'declined', declineCode: decline_code };
  if (status === 'voided') return { status: 'declined', declineCode: GIVEN_UP };
  return { status: 'authorized', providerPaymentId: id };
}
