import { randomUUID } from 'node:crypto';
import type { BookingReport } from '../../src/cli/booking/booking-report';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../src/temporal/contracts/booking';
import type { Violation } from '../../src/temporal/contracts/reconciliation';
import { refundWorkflowId } from '../../src/temporal/contracts/refund';
import { BookingReferenceAttribute } from '../../src/temporal/contracts/search-attributes';
import { ADULT_PRICE } from '../support/flights';
import { withReconciler } from '../support/reconcile';
import { STARTING_MS, untilRefund, untilRefunded } from '../support/shop';
import { expectRefused, openCounter, resultOf, type Counter } from './counter';
import { PATIENCE_MS } from '../support/patience';

/** What operators are told of one booking, and of all the books. */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

async function show(booking: { id: string }): Promise<{ exitCode: number; report: BookingReport }> {
  const ran = await counter.ops('show', booking.id, '--json');
  return { exitCode: ran.exitCode, report: resultOf(ran) as BookingReport };
}

/** A booking that was paid for, cancelled, and given back. */
async function refunded(): Promise<{ booking: Booking; paymentId: string }> {
  const { customer, booking, payment } = await counter.sellSeat();
  await customer.cancel(booking);
  await untilRefunded(counter.db, payment.id);
  await counter.env.client.workflow.getHandle(booking.workflowId).result();
  return { booking, paymentId: payment.id };
}

describe('show', () => {
  test('tells what database, workflow and provider say, side by side', async () => {
    const { booking, paymentId } = await refunded();
    const { exitCode, out } = await counter.ops('show', booking.reference.toLowerCase());
    const columns = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(columns).toEqual(
      expect.arrayContaining([
        ['booking', 'cancelled customer_request', 'COMPLETED, cancelled, closed', '–'],
        [`payment ${paymentId}`, 'captured, applied 120.00 USD', '–', 'captured 120.00 USD'],
        ['refund', expect.stringContaining('succeeded'), 'none', '120.00 USD'],
        ['They agree.'],
      ]),
    );
    const events = columns.map(([, what]) => what);
    expect(events).toEqual(
      expect.arrayContaining(['seats_held', 'booked', 'cancelled', 'refunded']),
    );
    expect(exitCode).toBe(0);
  });

  test('says the same to a script, and nobody’s name', async () => {
    const { booking } = await refunded();
    const { exitCode, out } = await counter.ops('show', booking.id, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      booking: { id: booking.id, status: 'cancelled' },
      isInDatabase: true,
      workflow: { execution: 'COMPLETED', state: { activity: 'closed' } },
      cancellation: null,
      payments: [
        {
          record: { status: 'captured', refund: { status: 'succeeded' } },
          provider: { status: 'captured', refunded: ADULT_PRICE.amount },
          refundWorkflow: null,
        },
      ],
      disagreements: [],
    });
    expect(out).not.toContain('Lovelace');
  });

  test('finds a booking that no worker has got to yet', async () => {
    const { booking } = await counter.holdSeat();
    const id = randomUUID();
    const workflowId = bookingWorkflowId(id);
    const waiting = { ...booking, id, workflowId, reference: 'NBDYYT', status: 'initiated' };
    await counter.env.client.workflow.start(BOOKING_WORKFLOW, {
      workflowId,
      taskQueue: 'nobody',
      args: [],
      memo: { customerId: 'someone', fingerprint: 'f', booking: waiting },
      typedSearchAttributes: [{ key: BookingReferenceAttribute, value: waiting.reference }],
    });
    const isListed = async () => (await counter.ops('show', 'NBDYYT')).exitCode === 0;
    await waitUntil(isListed, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Never found'),
    });
    expect((await show(waiting)).report).toMatchObject({
      isInDatabase: false,
      booking: { status: 'initiated' },
      workflow: { execution: 'RUNNING', troubles: ['does not respond: is a worker running?'] },
    });
    await counter.terminate({ workflowId });
  });

  test('marks a hold that no workflow handles', async () => {
    const { booking } = await counter.holdSeat();
    await counter.terminate(booking);
    await counter.backdate(booking, 1);
    const { exitCode, report } = await show(booking);
    expect(exitCode).toBe(1);
    expect(report.disagreements).toEqual([
      'Violated: a pending booking has its workflow running.',
      'Its deadline has passed, and its seats are still held.',
    ]);
  });

  test('marks money on which the provider differs, and a refund that no workflow handles', async () => {
    const { customer, booking, payment } = await counter.sellSeat();
    const theirs = () =>
      counter.db('sandbox_provider.payment_intents').where({ idempotency_key: payment.id });
    await theirs().update({ amount: 1 });
    expect((await show(booking)).report.disagreements).toEqual([
      `Payment ${payment.id}: the provider captured another amount.`,
    ]);
    await theirs().update({ status: 'voided' });
    expect((await show(booking)).report.disagreements).toEqual([
      `Payment ${payment.id} is captured, but not at the provider.`,
    ]);

    await customer.cancel(booking);
    await untilRefund(counter.env, payment.id, 'needs_operator');
    await theirs().update({ status: 'captured', amount: ADULT_PRICE.amount });
    await counter.terminate({ workflowId: refundWorkflowId(payment.id) });
    expect((await show(booking)).report.disagreements).toEqual([
      `The refund of payment ${payment.id} is open, and no workflow handles it.`,
    ]);
  });

  test('still shows the rest when the provider does not respond', async () => {
    const { booking } = await counter.sellSeat();
    counter.provider.lose('requests', 'find');
    const { exitCode, out } = await counter.ops('show', booking.id);
    counter.provider.repair();
    expect({ exitCode, last: out.split('\n').at(-1) }).toEqual({
      exitCode: 0,
      last: 'They agree.',
    });
    expect(out).toMatch(/captured, applied 120\.00 USD +– +does not respond/);
  });

  test.each(['ABCDEF', '00000000-0000-4000-8000-000000000000', "' OR 1=1"])(
    'refuses %j, which is no booking, in one line',
    async (which) => {
      expectRefused(await counter.ops('show', which), `There is no booking ${which}.`);
    },
  );
});

test('audit and reconcile say what is broken, and repair what can be', async () => {
  const { booking } = await counter.holdSeat();
  await counter.terminate(booking);
  await counter.backdate(booking, 11);
  const audit = await counter.ops('audit', '--json');
  expect(audit.exitCode).toBe(1);
  const { ok, violations } = resultOf(audit) as { ok: boolean; violations: Violation[] };
  expect(ok).toBe(false);
  const rule = 'a pending booking has its workflow running';
  expect(violations.find(({ invariant }) => invariant === rule)?.examples).toContain(booking.id);
  const full = await counter.ops('audit', '--full', '--json');
  expect(full.exitCode).toBe(1);
  expect(resultOf(full)).toMatchObject({
    ok: false,
    violations: violations.map(({ invariant, count }) => ({ invariant, count })),
  });
  const report = await withReconciler(counter, (taskQueue) =>
    counter.opsAt({ ...counter.system, taskQueue }, 'reconcile', '--json'),
  );
  expect(resultOf(report)).toMatchObject({
    releasedHolds: expect.arrayContaining([booking.id]),
  });
  expect((await show(booking)).exitCode).toBe(0);
});
