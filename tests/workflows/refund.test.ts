import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { auditBooks } from '../../src/db/audit/auditor';
import { recordDispute } from '../../src/db/provider-money/provider-money';
import type { ExternalPayment } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import type { ReportedDispute } from '../../src/temporal/contracts/provider-reports';
import { retryRefund, settleRefund, type RefundState } from '../../src/temporal/contracts/refund';
import { ADULT_PRICE } from '../support/flights';
import { recordCharge, recordPayment } from '../support/orphaned-payments';
import { refundIn, refusalOf, transfer, untilRefund, untilSeen, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(async () => {
  shop.provider.repair();
  expect(await auditBooks(shop.db)).toEqual([]);
});

const AN_HOUR_MS = 60 * 60_000;
const SETTLEMENT = { settledBy: 'operator-1', note: 'Sent back by the bank.' };

const settle = (paymentId: string) =>
  refundIn(shop.env, paymentId).executeUpdate(settleRefund, { args: [SETTLEMENT] });

const RETRY = { requestedBy: 'operator-1', note: 'The provider is back.' };

const retry = (paymentId: string) =>
  refundIn(shop.env, paymentId).executeUpdate(retryRefund, { args: [RETRY] });

/** The history of the booking that a payment was for. */
const eventsOf = (paymentId: string) =>
  shop
    .db('booking_events as e')
    .join('payments as p', 'p.booking_id', 'e.booking_id')
    .where('p.id', paymentId)
    .orderBy('e.id')
    .select('e.type', 'e.actor', 'e.reason', 'e.note');

const refundOf = (paymentId: string) => shop.db('refunds').where({ payment_id: paymentId }).first();

/** Waits until a refund has a workflow, and then, in skipped time, until it has ended; returns how. */
async function ended(paymentId: string): Promise<RefundState> {
  await untilSeen(async () => (await hasWorkflow(paymentId)) || undefined);
  return refundIn(shop.env, paymentId).result();
}

/**
 * What the provider has given back of a charge that was made under the given key, a sum for each
 * time.
 */
const returned = (key: string) =>
  shop
    .db('sandbox_provider.refunds as r')
    .join('sandbox_provider.payment_intents as i', 'i.id', 'r.payment_intent_id')
    .where('i.idempotency_key', key)
    .pluck('r.amount');

/** The provider reports how a dispute of a payment stands. No funds have moved. */
async function dispute(
  paymentId: string,
  told: Pick<ReportedDispute, 'status' | 'toldAt'>,
): Promise<void> {
  const payment = await shop.db('payments').where({ id: paymentId }).first();
  await recordDispute(shop.db, {
    provider: 'sandbox',
    providerDisputeId: `dispute-of-${paymentId}`,
    providerPaymentId: payment?.provider_payment_id ?? '',
    ...ADULT_PRICE,
    reason: 'fraudulent',
    movement: null,
    ...told,
  });
}

/** Sells a seat and cancels it: its payment is to go back in full. Returns the payment. */
async function cancelledSale(): Promise<string> {
  const sale = await shop.sell();
  await shop.cancelSale(sale);
  const [payment] = await sale.payments();
  return payment?.id ?? '';
}

/** A refund that the first request has not settled, and whose provider is just being asked again. */
async function askedAgain() {
  shop.provider.lose('requests', 'refund');
  const paymentId = await cancelledSale();
  await untilRefund(shop.env, paymentId, 'pending');
  const refund = shop.provider.pause('refund');
  await refund.reached;
  shop.provider.repair();
  return { paymentId, refund };
}

/** Whether the refund of a payment has, or had, a workflow of its own. */
async function hasWorkflow(paymentId: string): Promise<boolean> {
  return refundIn(shop.env, paymentId)
    .describe()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );
}

describe('a provider that answers at once', () => {
  test('gives the money back before the booking’s workflow ends, and no other one is started', async () => {
    const sale = await shop.sell();
    await shop.cancelSale(sale);
    expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
    const [payment] = await sale.payments();
    expect(await returned(payment?.id ?? '')).toEqual([12_000]);
    expect(await hasWorkflow(payment?.id ?? '')).toBe(false);
  });

  test('does so, also when someone presses Temporal’s own Cancel meanwhile', async () => {
    const refund = shop.provider.pause('refund');
    const sale = await shop.sell();
    await shop.cancelSale(sale);
    await refund.reached;
    await sale.handle.cancel();
    refund.letIn();
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
    expect(await sale.refunds()).toMatchObject([{ status: 'succeeded' }]);
  });
});

test('a request that was cut off is not repeated by the booking: a workflow of its own asks again', async () => {
  const sale = await shop.sell();
  const refund = shop.provider.pause('refund');
  await shop.cancelSale(sale);
  await refund.reached;
  const [payment] = await sale.payments();
  const paymentId = payment?.id ?? '';
  // The activity's time limit is over: it is tried again, and asks nobody.
  await shop.env.sleep('6s');
  await untilSeen(async () => (await hasWorkflow(paymentId)) || undefined);
  refund.letIn();
  expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
  expect(await returned(paymentId)).toEqual([12_000]);
});

describe('a provider that stays silent', () => {
  /** A refund whose provider doesn't answer; a person is asked after an hour. */
  async function silent(): Promise<string> {
    shop.provider.lose('requests', 'refund', 'find');
    const paymentId = await cancelledSale();
    expect(await untilRefund(shop.env, paymentId, 'pending')).toMatchObject({ whyOperator: null });
    await shop.env.sleep(AN_HOUR_MS + 60_000);
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'provider_silent',
    });
    expect(await refundOf(paymentId)).toMatchObject({ status: 'needs_operator', ...ADULT_PRICE });
    return paymentId;
  }

  test('is asked again by itself an hour after a person was, and then gives the money back', async () => {
    const paymentId = await silent();
    shop.provider.repair();
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded', whyOperator: null });
    const { startTime, closeTime } = await refundIn(shop.env, paymentId).describe();
    const hours = ((closeTime?.getTime() ?? 0) - startTime.getTime()) / AN_HOUR_MS;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThan(2.1);
    expect(await refundOf(paymentId)).toMatchObject({ status: 'succeeded', settled_by: null });
    expect(await returned(paymentId)).toEqual([12_000]);
  });

  test('is asked at once when a person says so', async () => {
    const paymentId = await silent();
    shop.provider.repair();
    expect(await retry(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await returned(paymentId)).toEqual([12_000]);
    expect((await eventsOf(paymentId)).slice(-2)).toEqual([
      { type: 'refund_retried', actor: 'operator-1', reason: null, note: RETRY.note },
      { type: 'refunded', actor: 'system', reason: null, note: null },
    ]);
  });

  test('need not be asked when a person has given the money back', async () => {
    const paymentId = await silent();
    expect(await settle(paymentId)).toMatchObject({ status: 'succeeded' });
    shop.provider.repair();
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await returned(paymentId)).toEqual([]);
    expect(await refundOf(paymentId)).toMatchObject({
      status: 'succeeded',
      settled_by: 'operator-1',
      settlement_note: SETTLEMENT.note,
      provider_refund_id: null,
    });
    expect((await eventsOf(paymentId)).at(-1)).toEqual({
      type: 'refunded',
      actor: 'operator-1',
      reason: null,
      note: SETTLEMENT.note,
    });
  });

  test('that is being asked again by itself leaves no room for a person to do the same', async () => {
    const paymentId = await silent();
    shop.provider.repair();
    const refund = shop.provider.pause('refund');
    const skipping = shop.env.sleep(AN_HOUR_MS + 60_000);
    await refund.reached;
    expect(await refusalOf(settle(paymentId))).toBe('validation_failed');
    expect(await refusalOf(retry(paymentId))).toBe('validation_failed');
    refund.letIn();
    await skipping;
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await returned(paymentId)).toEqual([12_000]);
    expect(await refundOf(paymentId)).toMatchObject({ settled_by: null });
  });

  test('is asked for nothing while the payer’s bank takes the payment back: that would pay twice', async () => {
    const paymentId = await silent();
    await dispute(paymentId, { status: 'open', toldAt: '2030-01-01T00:00:00.000Z' });
    shop.provider.repair();
    expect(await retry(paymentId)).toMatchObject({ whyOperator: 'disputed' });
    expect(await returned(paymentId)).toEqual([]);
    await dispute(paymentId, { status: 'won', toldAt: '2030-01-02T00:00:00.000Z' });
    expect(await retry(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await returned(paymentId)).toEqual([12_000]);
    await ended(paymentId);
  });
});

test('an operator may not act while the provider is being asked, nor after the end', async () => {
  const { paymentId, refund } = await askedAgain();
  expect(await refusalOf(settle(paymentId))).toBe('validation_failed');
  expect(await refusalOf(retry(paymentId))).toBe('validation_failed');
  refund.letIn();
  expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  await expect(settle(paymentId)).rejects.toThrow();
  await expect(retry(paymentId)).rejects.toThrow();
  expect(await refundOf(paymentId)).toMatchObject({ settled_by: null });
});

test('a refund whose answer gets lost is asked for again, and made once', async () => {
  shop.provider.lose('answers', 'refund');
  const paymentId = await cancelledSale();
  await untilSeen(async () => (await returned(paymentId))[0] as number | undefined);
  shop.provider.repair();
  expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await returned(paymentId)).toEqual([12_000]);
});

test('a refund that is started ten times at once is made once', async () => {
  const refund = shop.provider.pause('refund');
  const paymentId = await cancelledSale();
  await refund.reached;
  await Promise.all(Array.from({ length: 10 }, () => shop.paymentWorkflows.startRefund(paymentId)));
  refund.letIn();
  await ended(paymentId);
  await shop.paymentWorkflows.startRefund(paymentId);
  expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await returned(paymentId)).toEqual([12_000]);
});

test('nothing of a booked booking goes back', async () => {
  const sale = await shop.sell();
  const [payment] = await sale.payments();
  await shop.paymentWorkflows.startRefund(payment?.id ?? '');
  expect(await ended(payment?.id ?? '')).toMatchObject({ status: 'nothing_owed' });
  expect(await sale.refunds()).toEqual([]);
});

test('nothing of a payment that was never made goes back', async () => {
  const paymentId = randomUUID();
  await shop.paymentWorkflows.startRefund(paymentId);
  expect(await ended(paymentId)).toMatchObject({ status: 'nothing_owed' });
});

describe('money of another service', () => {
  /** Money for a booking that isn't there; a person is to give it back. */
  async function owed(): Promise<string> {
    const payment: ExternalPayment = { bookingId: randomUUID(), ...transfer() };
    await shop.paymentWorkflows.deliver(payment, () => Promise.resolve(undefined));
    const paymentId = externalPaymentId(payment);
    await untilRefund(shop.env, paymentId, 'needs_operator');
    return paymentId;
  }

  test('waits for a person for as long as it takes', async () => {
    const paymentId = await owed();
    await shop.env.sleep(30 * 24 * AN_HOUR_MS);
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'foreign_provider',
    });
    expect(await retry(paymentId)).toMatchObject({
      status: 'needs_operator',
      whyOperator: 'foreign_provider',
    });
    expect(await settle(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  });

  test('is settled by one operator, even if others try at once', async () => {
    const paymentId = await owed();
    const tries = Array.from({ length: 8 }, async (_, index) =>
      index % 2 === 0 ? settle(paymentId) : retry(paymentId),
    );
    const settled = (await Promise.allSettled(tries))
      .filter((_, index) => index % 2 === 0)
      .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    // Who was let in has settled it.
    expect(settled.every(({ status }) => status === 'succeeded')).toBe(true);
    if (settled.length === 0) await settle(paymentId);
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  });

  test('goes back, also when someone presses Temporal’s own Cancel', async () => {
    const paymentId = await owed();
    await refundIn(shop.env, paymentId).cancel();
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'foreign_provider',
    });
    expect(await settle(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  });
});

test('Temporal’s own Cancel doesn’t stop the provider from being asked', async () => {
  const { paymentId, refund } = await askedAgain();
  await refundIn(shop.env, paymentId).cancel();
  refund.letIn();
  expect(await ended(paymentId)).toMatchObject({ status: 'succeeded' });
  expect(await returned(paymentId)).toEqual([12_000]);
});

describe('a provider that has the payment otherwise than we do', () => {
  /**
   * Sells a seat by card, has the provider's books say something else, and cancels; returns the
   * payment once a person is asked.
   */
  async function disputed(
    change: (intent: { id: string }) => Promise<unknown>,
    why: RefundState['whyOperator'],
  ): Promise<string> {
    const sale = await shop.sell();
    const [payment] = await sale.payments();
    const paymentId = payment?.id ?? '';
    await change({ id: payment?.provider_payment_id ?? '' });
    await shop.cancelSale(sale);
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: why,
    });
    return paymentId;
  }

  const intents = () => shop.db('sandbox_provider.payment_intents');

  test('with another amount is left to a person, until its books are put right', async () => {
    const paymentId = await disputed(
      (intent) => intents().where(intent).update({ amount: 11_999 }),
      'disagrees',
    );
    expect(await retry(paymentId)).toMatchObject({ whyOperator: 'disagrees' });
    await intents().where({ idempotency_key: paymentId }).update({ amount: 12_000 });
    expect(await retry(paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await returned(paymentId)).toEqual([12_000]);
    await ended(paymentId);
  });

  test('as given back in part already refuses, and a person settles the rest', async () => {
    const byHand = { id: 'sre_by_hand', idempotency_key: 'by-hand', amount: 1 };
    const paymentId = await disputed(
      ({ id }) => shop.db('sandbox_provider.refunds').insert({ ...byHand, payment_intent_id: id }),
      'refused',
    );
    expect(await settle(paymentId)).toMatchObject({ status: 'succeeded' });
    await ended(paymentId);
    expect(await returned(paymentId)).toEqual([1]);
    // Our auditor rightly finds what was given back without us.
    await shop.db('sandbox_provider.refunds').where({ id: byHand.id }).delete();
  });
});

describe('a charge of which nobody knows the outcome', () => {
  /**
   * A payment that is on record as under way, and no workflow looks after it; the provider has it
   * so, or has never heard of it.
   */
  async function unknown(status?: 'captured' | 'authorized'): Promise<{ id: string; sale: Sale }> {
    const sale = await shop.hold();
    await sale.handle.terminate();
    const payment = await recordPayment(shop.db, sale);
    if (status !== undefined) await recordCharge(shop.db, payment, status);
    return { id: payment.paymentId, sale };
  }

  test('goes back if the provider has taken it', async () => {
    const { id, sale } = await unknown('captured');
    await shop.paymentWorkflows.startRefund(id);
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: false }]);
    expect(await sale.refunds()).toMatchObject([
      { status: 'succeeded', ...ADULT_PRICE, reason: 'outcome_unknown' },
    ]);
    expect(await returned(id)).toEqual([12_000]);
  });

  test.each([
    ['has only reserved it', 'authorized' as const],
    ['has never heard of it', undefined],
  ])('is voided if the provider %s', async (_, status) => {
    const { id, sale } = await unknown(status);
    await shop.paymentWorkflows.startRefund(id);
    expect(await ended(id)).toMatchObject({ status: 'nothing_owed' });
    expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
    expect(await sale.refunds()).toEqual([]);
    const intents = shop.db('sandbox_provider.payment_intents').where({ idempotency_key: id });
    expect(await intents.pluck('status')).toEqual(status === undefined ? [] : ['voided']);
  });

  describe('while the provider is silent', () => {
    async function silent(status?: 'captured'): Promise<{ id: string; sale: Sale }> {
      const { id, sale } = await unknown(status);
      shop.provider.lose('requests', 'find');
      await shop.paymentWorkflows.startRefund(id);
      // Time that is skipped before the provider is asked would not be waited for.
      await untilRefund(shop.env, id, 'pending');
      await shop.env.sleep(AN_HOUR_MS + 60_000);
      await untilRefund(shop.env, id, 'needs_operator');
      expect(await sale.refunds()).toMatchObject([
        { status: 'needs_operator', ...ADULT_PRICE, reason: 'outcome_unknown' },
      ]);
      return { id, sale };
    }

    test('may all have to go back; it does when the provider says that it was taken', async () => {
      const { id, sale } = await silent('captured');
      shop.provider.repair();
      expect(await retry(id)).toMatchObject({ status: 'succeeded' });
      await ended(id);
      expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
      expect(await returned(id)).toEqual([12_000]);
    });

    test('may all have to go back; nothing is left of that when the provider knows nothing', async () => {
      const { id, sale } = await silent();
      shop.provider.repair();
      expect(await retry(id)).toMatchObject({ status: 'nothing_owed' });
      await ended(id);
      expect(await sale.refunds()).toEqual([]);
      expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
    });

    test('may be looked into by a person, who closes it', async () => {
      const { id, sale } = await silent();
      expect(await settle(id)).toMatchObject({ status: 'nothing_owed' });
      expect(await ended(id)).toMatchObject({ status: 'nothing_owed' });
      expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
      const events = shop.db('booking_events').where({ booking_id: sale.request.bookingId });
      expect(await events.orderBy('id').select('type', 'actor', 'note')).toMatchObject([
        { type: 'seats_held' },
        { type: 'refund_needs_operator', actor: 'system' },
        { type: 'payment_voided', actor: 'operator-1', note: SETTLEMENT.note },
      ]);
    });
  });
});
