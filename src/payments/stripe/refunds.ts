import type Stripe from 'stripe';
import { z } from 'zod';
import { isUnexplained, type ExplainedRefunds } from '../../domain/explained-refunds';
import type { Money } from '../../domain/money';
import { REFUNDED_OTHERWISE, type RefundAnswer } from '../gateway';
import { readAnswer, requireSameMoney } from './answers';
import { ask, askOnce, StripeRefusal } from './client';
import { Currency, moneyOf, standingOf, type Intent } from './intent';

const Refund = z.object({
  id: z.string().min(1),
  amount: z.int(),
  currency: Currency,
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

type Refund = z.infer<typeof Refund>;

interface Request {
  refundId: string;
  intent: Intent;
  money: Money;
  explained: ExplainedRefunds;
}

/**
 * Refunds money of a captured intent, once per refund ID.
 *
 * A refund can't be undone. So an existing one is looked up first, and none is made that would
 * raise the sum above what was taken. That leaves one gap: two concurrent calls with one ID, at a
 * server that ignores keys.
 */
export async function refundIntent(
  client: Stripe,
  { refundId, intent, money, explained }: Request,
): Promise<RefundAnswer> {
  if (standingOf(intent) !== 'captured') return refused('exceeds_capture');
  if (money.currency !== intent.currency) return refused('currency_mismatch');
  const earlier = await listRefunds(client, intent.id);
  const own = earlier.find(isOf(refundId));
  if (own !== undefined) return toAnswer(own, money);
  const standing = earlier.filter(isUnderWay);
  const returned = standing.reduce((sum, { amount }) => sum + amount, 0);
  if (returned + money.amount > moneyOf(intent).amount) return refused('exceeds_capture');
  if (isUnexplained(standing.map(toNamed), explained)) return refused(REFUNDED_OTHERWISE);

  try {
    const made = await askOnce(`refund/${refundId}`, (options) =>
      client.refunds.create(
        { payment_intent: intent.id, amount: money.amount, metadata: { refundId } },
        options,
      ),
    );
    return toAnswer(readAnswer(Refund, made), money);
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    // Another call may just have made it: then nothing is left to refund, and it is the result.
    const made = (await listRefunds(client, intent.id)).find(isOf(refundId));
    return made === undefined ? refused(error.code ?? 'invalid_request') : toAnswer(made, money);
  }
}

async function listRefunds(client: Stripe, intentId: string): Promise<Refund[]> {
  const refunds = await ask(() =>
    // Stripe's own limit for one payment is far below this.
    client.refunds
      .list({ payment_intent: intentId, limit: 100 })
      .autoPagingToArray({ limit: 1_000 }),
  );
  return readAnswer(z.array(Refund), refunds);
}

function toNamed({ amount, metadata }: Refund) {
  return { refundId: metadata?.refundId ?? null, amount };
}

function isOf(refundId: string) {
  return ({ metadata }: Refund) => metadata?.refundId === refundId;
}

const ENDED_WITHOUT_EFFECT = ['failed', 'canceled'];

function isUnderWay({ status }: Refund): boolean {
  return !ENDED_WITHOUT_EFFECT.includes(status ?? '');
}

/**
 * Returns the result of a refund. `pending` counts as succeeded: Stripe has accepted the refund. It
 * waits only until it is processed, the payment has settled, or our balance is topped up.
 *
 * One that fails after all is found by reconciliation, since it no longer counts as refunded.
 *
 * @see https://docs.stripe.com/refunds
 */
function toAnswer(refund: Refund, asked: Money): RefundAnswer {
  const { id, amount, currency, status, failure_reason } = refund;
  requireSameMoney(id, asked, { amount, currency });
  return isUnderWay(refund)
    ? { status: 'succeeded', providerRefundId: id }
    : refused(failure_reason ?? `refund_${status}`);
}

function refused(code: string): RefundAnswer {
  return { status: 'refused', code };
}
