import { Registry } from 'prom-client';
import { countBookingOutcomes } from '../../src/telemetry/metrics/booking-outcomes';
import { observed } from '../../src/telemetry/metrics/observed';
import { Recent } from '../../src/telemetry/metrics/recent';
import { externalPaymentFor } from '../db/inventory';
import { changeBy } from '../db/making-changes';
import { paymentFor, requestOf } from '../support/flights';

/** What the counters make of steps that are done again, or fail. */

function openCounters() {
  const registry = new Registry();
  const observers = countBookingOutcomes(registry, 'sandbox');
  /** Every counter begins with zero: what has been counted since. */
  const seen = async (metric: string) =>
    (await registry.getSingleMetricAsString(metric))
      .split('\n')
      .filter((line) => !/^#| 0$/.test(line));
  return { observers, seen };
}

const request = requestOf({ id: 'flight-1' });
const instants = { requestedAt: new Date().toISOString(), heldAt: new Date().toISOString() };

test('an activity that is repeated counts once', async () => {
  const { observers, seen } = openCounters();
  const refused = {
    outcome: 'refused',
    fingerprint: 'f',
    code: 'too_many_holds',
    detail: '',
  } as const;
  for (const _ of [1, 2, 3]) observers.reserveSeats(refused, request, instants);
  expect(await seen('bookings_total')).toEqual([
    'bookings_total{status="initiated",reason="none"} 1',
    'bookings_total{status="cancelled",reason="too_many_holds"} 1',
  ]);
  const payment = paymentFor(request);
  for (const _ of [1, 2, 3])
    observers.recordDecline({ outcome: 'declined', fingerprint: 'f', detail: '' }, payment, 'no');
  expect(await seen('payments_total')).toEqual([
    'payments_total{provider="sandbox",result="declined"} 1',
  ]);
  for (const status of ['needs_operator', 'needs_operator', 'succeeded', 'nothing_owed'] as const)
    observers.giveBack({ status, whyOperator: null }, payment.paymentId);
  expect(await seen('refunds_total')).toEqual([
    'refunds_total{status="needs_operator"} 1',
    'refunds_total{status="succeeded"} 1',
  ]);
});

test('refunds of a cancelled sale count by what the provider said; one that is handed over, later', async () => {
  const { observers, seen } = openCounters();
  const refund = {
    payments: [
      { paymentId: 'payment-1', status: 'succeeded' },
      { paymentId: 'payment-2', status: 'needs_operator' },
      { paymentId: 'payment-3', status: 'pending' },
      { paymentId: 'payment-4', status: 'nothing_owed' },
    ] as const,
    isOpen: true,
  };
  const payments = [...refund.payments];
  for (const _ of [1, 2]) observers.refundSale({ ...refund, payments }, request.bookingId, []);
  expect(await seen('refunds_total')).toEqual([
    'refunds_total{status="succeeded"} 1',
    'refunds_total{status="needs_operator"} 1',
  ]);
});

test('each refund of a payment counts: the final one, and one for each change of its booking', async () => {
  const { observers, seen } = openCounters();
  const refunds = [undefined, 'refund-1', 'refund-2'];
  for (const refundId of [...refunds, ...refunds]) {
    observers.leaveRefundToOperator(undefined, 'payment-1', 'provider_silent', refundId);
    observers.giveBack({ status: 'succeeded', whyOperator: null }, 'payment-1', refundId);
  }
  const settlement = { settledBy: 'operator-1', note: 'By bank transfer.' };
  for (const refundId of [undefined, 'refund-3'])
    observers.settleRefund('succeeded', 'payment-2', settlement, refundId);
  expect(await seen('refunds_total')).toEqual([
    'refunds_total{status="needs_operator"} 3',
    'refunds_total{status="succeeded"} 5',
  ]);
});

test('bookings that reconciliation cancels count, also where a part of it is repeated', async () => {
  const { observers, seen } = openCounters();
  const freed = { released: ['booking-1', 'booking-2'], left: ['booking-3'], failed: [] };
  for (const _ of [1, 2]) observers.freeOverdueHolds(freed);
  observers.releaseOverdueHold(true, 'booking-4');
  observers.releaseOverdueHold(false, 'booking-5');
  expect(await seen('bookings_total')).toEqual([
    'bookings_total{status="cancelled",reason="payment_expired"} 3',
  ]);
});

test('money that another service took, and that pays for nothing, counts as external, whichever service took it', async () => {
  const { observers, seen } = openCounters();
  const unapplied = { paymentId: 'payment-1', isOwedBack: true };
  for (const provider of ['bank-one', 'bank-two']) {
    observers.recordUnappliedPayment(unapplied, externalPaymentFor(request, { provider }), 'late');
  }
  expect(await seen('payments_total')).toEqual([
    'payments_total{provider="external",result="not_applied"} 2',
  ]);
  observers.confirmExternallyPaidBooking(false, externalPaymentFor(request));
  expect(await seen('bookings_total')).toEqual([]);
});

test('a charge that came to nothing is voided, or its money is owed back', async () => {
  const { observers, seen } = openCounters();
  observers.reversePayment('voided', paymentFor(request), 'reason');
  observers.reversePayment('owed_back', paymentFor(request), 'reason');
  observers.clearForgottenPayments(['payment-1', 'payment-2'], paymentFor(request));
  expect((await seen('payments_total')).sort()).toEqual([
    'payments_total{provider="sandbox",result="not_applied"} 3',
    'payments_total{provider="sandbox",result="voided"} 1',
  ]);
});

test('the payment of a change counts like any other, and a charge that an operator found to have taken nothing', async () => {
  const { observers, seen } = openCounters();
  const change = changeBy(request, { id: 'quote-1' });
  const decline = { outcome: 'declined', fingerprint: 'f', detail: '', declineCode: 'no' } as const;
  const capture = { paymentId: 'payment-1', provider: 'sandbox', providerPaymentId: 'spi_1' };
  for (const _ of [1, 2]) {
    observers.completeChange({ result: decline, refunds: [] }, change, capture);
    observers.declineChange(decline, change, { paymentId: 'payment-2', declineCode: 'no' });
  }
  observers.completeChange({ result: decline, refunds: [] }, change, null);
  observers.settleRefund('nothing_owed', 'payment-3', { settledBy: 'operator-1', note: '' });
  expect(await seen('payments_total')).toEqual([
    'payments_total{provider="sandbox",result="captured"} 1',
    'payments_total{provider="sandbox",result="declined"} 1',
    'payments_total{provider="sandbox",result="voided"} 1',
  ]);
});

test('an observer is told what an activity has done, and nothing of one that failed', async () => {
  const heard: unknown[] = [];
  const steps = observed(
    {
      add: (one: number, other: number) => Promise.resolve(one + other),
      fail: () => Promise.reject<string>(new Error('not today')),
      unobserved: () => Promise.resolve('done'),
    },
    {
      add: (...told) => heard.push(told),
      fail: (...told) => heard.push(told),
    },
  );
  expect(await steps.add(1, 2)).toBe(3);
  await expect(steps.fail()).rejects.toThrow('not today');
  expect(await steps.unobserved()).toBe('done');
  expect(heard).toEqual([[3, 1, 2]]);
});

test('what is remembered does not grow: the oldest is dropped first', () => {
  const recent = new Recent<string>(2);
  expect(recent.note('a', 'first')).toBe(true);
  expect(recent.note('a', 'second')).toBe(false);
  expect(recent.get('a')).toBe('first');
  recent.note('b', '');
  recent.note('c', '');
  expect(recent.get('a')).toBeUndefined();
  expect(recent.get('b')).toBe('');
});
