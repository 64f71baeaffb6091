import type { Knex } from 'knex';
import type { PaymentGateway, ProviderPayment } from '../gateway';
import {
  countTry,
  findIntent,
  findIntentByKey,
  openIntent,
  refundIntent,
  settleIntent,
} from './books';
import { declineCodeOf, failBefore, hinderAnswer } from './methods';

/**
 * The payment provider of the local stack: an outside company in miniature. It keeps its own books in PostgreSQL, takes each key once, survives kills,
 * and misbehaves as its payment methods say.
 */
export function createSandboxGateway(db: Knex): PaymentGateway {
  /** Runs one operation on the books with the faults of the payment method around it. */
  async function answer<T>(
    { key, operation, paymentMethod }: { key: string; operation: string; paymentMethod: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const attempt = await countTry(db, key, operation);
    failBefore(paymentMethod, attempt);
    const result = await work();
    await hinderAnswer(paymentMethod, attempt);
    return result;
  }

  async function settle(
    id: string,
    operation: string,
    status: 'captured' | 'voided',
  ): Promise<void> {
    const intent = await findIntent(db, id);
    const call = { key: intent.idempotency_key, operation, paymentMethod: intent.payment_method };
    await answer(call, () => settleIntent(db, id, status));
  }

  return {
    provider: 'sandbox',

    async authorize({ paymentId, money, paymentMethod }) {
      const intent = await answer({ key: paymentId, operation: 'authorize', paymentMethod }, () => {
        const declineCode = declineCodeOf(paymentMethod) ?? null;
        return openIntent(db, {
          idempotency_key: paymentId,
          amount: money.amount,
          currency: money.currency,
          payment_method: paymentMethod,
          status: declineCode === null ? 'authorized' : 'declined',
          decline_code: declineCode,
        });
      });
      return intent.decline_code === null
        ? { status: 'authorized', providerPaymentId: intent.id }
        : { status: 'declined', declineCode: intent.decline_code };
    },

    capture: (providerPaymentId) => settle(providerPaymentId, 'capture', 'captured'),

    void: (providerPaymentId) => settle(providerPaymentId, 'void', 'voided'),

    async refund(refundId, providerPaymentId, { amount }) {
      const { payment_method: paymentMethod } = await findIntent(db, providerPaymentId);
      return answer({ key: refundId, operation: 'refund', paymentMethod }, () =>
        refundIntent(db, { key: refundId, intentId: providerPaymentId, amount }),
      );
    },

    async find(paymentId) {
      const intent = await findIntentByKey(db, paymentId);
      if (intent === undefined) return undefined;
      return {
        providerPaymentId: intent.id,
        status: intent.status as ProviderPayment['status'],
        money: { amount: intent.amount, currency: intent.currency },
      };
    },
  };
}
