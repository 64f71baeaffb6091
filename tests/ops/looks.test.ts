import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Dossier } from '../../scripts/ops/dossier';
import { findStuck, type Stuck } from '../../scripts/ops/stuck';
import { ROOT } from '../../scripts/stack/settings';
import { waitUntil } from '../../scripts/stack/wait';
import { releaseOverdueHold } from '../../src/db/overdue-holds';
import type { Booking } from '../../src/domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId, type Violation } from '../../src/temporal/contracts';
import { foreignPaymentId } from '../../src/temporal/foreign-payment-id';
import { refundWorkflowId } from '../../src/temporal/refund-contracts';
import { BookingReferenceAttribute } from '../../src/temporal/search-attributes';
import { newKey } from '../api/client';
import { ADULT_PRICE } from '../support/flights';
import { withReconciler } from '../support/reconcile';
import { STARTING_MS, untilRefund } from '../support/shop';
import { expectRefused, minutesAgo, openCounter, resultOf, type Counter } from './counter';

/** What operators see from a terminal, and in Temporal's list by the queries of the runbook. */

let counter: Counter;
const BROKEN_CODE = 'no-such-code';

beforeAll(async () => {
  counter = await openCounter();
  // Temporal marks it once its code has failed five times in a row, which takes a while.
  await counter.env.client.workflow.start('noSuchWorkflow', {
    workflowId: BROKEN_CODE,
    taskQueue: 'bookings',
    workflowTaskTimeout: '1s',
  });
}, STARTING_MS);

afterEach(() => {
  counter.provider.repair();
});

afterAll(() => counter.close(), STARTING_MS);

async function show(booking: { id: string }): Promise<{ exitCode: number; dossier: Dossier }> {
  const ran = await counter.ops('show', booking.id, '--json');
  return { exitCode: ran.exitCode, dossier: resultOf<Dossier>(ran) };
}

/** A booking that was paid for, cancelled, and given back. */
async function refunded(): Promise<{ booking: Booking; paymentId: string }> {
  const { customer, booking, payment } = await counter.sellSeat();
  await customer.cancel(booking);
  await untilRefund(counter.env, payment.id, 'succeeded');
  await counter.env.client.workflow.getHandle(refundWorkflowId(payment.id)).result();
  return { booking, paymentId: payment.id };
}

/** A charge that is on record for so long already, whoever it is who looks after it. */
async function chargeOf(booking: Booking, minutes: number): Promise<string> {
  const id = randomUUID();
  await counter.db('payments').insert({
    ...{ id, booking_id: booking.id, customer_id: 'someone', idempotency_key: newKey() },
    ...{ request_fingerprint: 'f', status: 'processing', ...ADULT_PRICE, provider: 'sandbox' },
    created_at: minutesAgo(minutes),
  });
  return id;
}

describe('show', () => {
  test('tells what database, workflow and provider say, side by side', async () => {
    const { booking, paymentId } = await refunded();
    const { exitCode, out } = await counter.ops('show', booking.reference.toLowerCase());
    const columns = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(columns).toEqual(
      expect.arrayContaining([
        ['booking', 'cancelled customer_request', 'COMPLETED, booked, closed', '–'],
        ['cancellation', '–', 'COMPLETED, cancelled', '–'],
        [`payment ${paymentId}`, 'captured, applied 120.00 USD', '–', 'captured 120.00 USD'],
        ['refund', expect.stringContaining('succeeded'), 'COMPLETED, succeeded', '120.00 USD'],
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
      cancellation: { bookingStatus: 'cancelled' },
      payments: [
        {
          record: { status: 'captured', refund: { status: 'succeeded' } },
          provider: { status: 'captured', refunded: ADULT_PRICE.amount },
          refundWorkflow: { refundStatus: 'succeeded' },
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
    await waitUntil(isListed, { timeoutMs: 10_000, onTimeout: () => new Error('Never found') });
    expect((await show(waiting)).dossier).toMatchObject({
      isInDatabase: false,
      booking: { status: 'initiated' },
      workflow: { execution: 'RUNNING', troubles: ['gives no answer: is a worker running?'] },
    });
    await counter.terminate({ workflowId });
  }, 40_000);

  test('marks a hold that nobody looks after', async () => {
    const { booking } = await counter.holdSeat();
    await counter.terminate(booking);
    await counter.backdate(booking, 1);
    const { exitCode, dossier } = await show(booking);
    expect(exitCode).toBe(1);
    expect(dossier.disagreements).toEqual([
      'Broken: a pending booking has its workflow running.',
      'Its deadline is over, and its seats are still held.',
    ]);
  });

  test('marks money that the provider has otherwise, and a refund that nobody is at', async () => {
    const { customer, booking, payment } = await counter.sellSeat();
    const theirs = () =>
      counter.db('sandbox_provider.payment_intents').where({ idempotency_key: payment.id });
    await theirs().update({ amount: 1 });
    expect((await show(booking)).dossier.disagreements).toEqual([
      `Payment ${payment.id}: the provider took another amount.`,
    ]);
    await theirs().update({ status: 'voided' });
    expect((await show(booking)).dossier.disagreements).toEqual([
      `Payment ${payment.id} is captured, but not at the provider.`,
    ]);

    await customer.cancel(booking);
    await untilRefund(counter.env, payment.id, 'needs_operator');
    await theirs().update({ status: 'captured', amount: ADULT_PRICE.amount });
    await counter.terminate({ workflowId: refundWorkflowId(payment.id) });
    expect((await show(booking)).dossier.disagreements).toEqual([
      `The refund of payment ${payment.id} is open, and no workflow is at it.`,
    ]);
  });

  test.each(['ABCDEF', '00000000-0000-4000-8000-000000000000', "' OR 1=1"])(
    'refuses %j, which is no booking, in one line',
    async (which) => {
      expectRefused(await counter.ops('show', which), `There is no booking ${which}.`);
    },
  );
});

describe('stuck', () => {
  const found = async (): Promise<Stuck[]> => resultOf(await counter.ops('stuck', '--json'));

  test('finds holds past their deadline, and says whether anyone looks after them', async () => {
    const { booking: alone } = await counter.holdSeat();
    await counter.terminate(alone);
    const { booking: late } = await counter.holdSeat();
    for (const booking of [alone, late]) await counter.backdate(booking, 5);
    const { booking: inTime } = await counter.holdSeat();
    await waitUntil(async () => !(await isListedAsRunning(alone)), {
      timeoutMs: 10_000,
      onTimeout: () => new Error('The list never heard of the termination'),
    });

    const kind = 'hold_past_deadline';
    const stuck = await found();
    expect(stuck).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ kind, what: alone.reference, detail: 'no workflow runs' },
          todo: expect.stringContaining('npm run reconcile'),
        }),
        expect.objectContaining({ kind, what: late.reference, detail: 'its workflow runs' }),
      ]),
    );
    expect(stuck.map(({ bookingId }) => bookingId)).not.toContain(inTime.id);
    const { exitCode, out } = await counter.ops('stuck');
    expect(exitCode).toBe(1);
    expect(out).toContain(`hold_past_deadline  ${alone.reference}  since `);
  });

  test('finds charges and refunds that take long, and those that need a person', async () => {
    const { booking } = await counter.holdSeat();
    const paymentId = await chargeOf(booking, 11);
    const { booking: fresh } = await counter.holdSeat();
    const freshCharge = await chargeOf(fresh, 1);

    counter.provider.lose('requests', 'refund');
    const { customer, booking: cancelled, payment } = await counter.sellSeat();
    await customer.cancel(cancelled);
    await counter
      .db('refunds')
      .where({ payment_id: payment.id })
      .update({ created_at: minutesAgo(11) });

    const inVain = { provider: 'bank', providerPaymentId: `transfer-${randomUUID()}` };
    await counter.messenger.deliver({ bookingId: randomUUID(), ...ADULT_PRICE, ...inVain }, () =>
      Promise.resolve(undefined),
    );
    await untilRefund(counter.env, foreignPaymentId(inVain), 'needs_operator');

    const stuck = await found();
    expect(stuck).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'charge_under_way', paymentId, what: booking.reference }),
        expect.objectContaining({ kind: 'refund_under_way', paymentId: payment.id }),
        expect.objectContaining({
          ...{ kind: 'refund_needs_operator', what: 'unknown booking' },
          detail: `120.00 USD of bank (${inVain.providerPaymentId}): unknown_booking`,
          todo: expect.stringContaining(`settle-refund ${foreignPaymentId(inVain)}`),
        }),
      ]),
    );
    expect(stuck.map((each) => each.paymentId)).not.toContain(freshCharge);
    counter.provider.repair();
    await untilRefund(counter.env, payment.id, 'succeeded');
    await counter
      .db('payments')
      .whereIn('id', [paymentId, freshCharge])
      .update({ status: 'voided' });
  });

  test('finds workflows that run on after the end, and those that came to nothing yet', async () => {
    const { booking } = await counter.holdSeat();
    await counter.backdate(booking, 11);
    expect(await releaseOverdueHold(counter.db, booking.id)).toBe(true);
    const id = randomUUID();
    const workflowId = bookingWorkflowId(id);
    await counter.env.client.workflow.start(BOOKING_WORKFLOW, { workflowId, taskQueue: 'nobody' });

    const isListed = () => isListedAsRunning({ workflowId });
    await waitUntil(isListed, { timeoutMs: 10_000, onTimeout: () => new Error('Never listed') });
    const kindsOf = async (now: Date) =>
      (await findStuck(counter.desk, now))
        .filter(({ bookingId }) => bookingId === id || bookingId === booking.id)
        .map(({ kind }) => kind)
        .sort();
    expect(await kindsOf(new Date())).toEqual([]);
    expect(await kindsOf(new Date(Date.now() + 61_000))).toEqual([
      'not_in_database',
      'settled_but_running',
    ]);
    await counter.terminate({ workflowId });
    await counter.terminate(booking);
  });

  test('finds workflows whose code fails again and again', async () => {
    const isFound = async () =>
      (await found()).some(({ workflowId }) => workflowId === BROKEN_CODE);
    await waitUntil(isFound, {
      timeoutMs: 30_000,
      intervalMs: 500,
      onTimeout: () => new Error('The failing code was never found'),
    });
    await counter.terminate({ workflowId: BROKEN_CODE });
  }, 40_000);
});

async function isListedAsRunning({ workflowId }: { workflowId: string }): Promise<boolean> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
  return (await counter.env.client.workflow.count(query)).count > 0;
}

test('audit and reconcile say what is broken, and repair what can be', async () => {
  const { booking } = await counter.holdSeat();
  await counter.terminate(booking);
  await counter.backdate(booking, 11);
  const audit = await counter.ops('audit', '--json');
  expect(audit.exitCode).toBe(1);
  const { ok, violations } = resultOf<{ ok: boolean; violations: Violation[] }>(audit);
  expect(ok).toBe(false);
  const rule = 'a pending booking has its workflow running';
  expect(violations.find(({ invariant }) => invariant === rule)?.examples).toContain(booking.id);
  const report = await withReconciler(counter, (taskQueue) =>
    counter.opsAt({ ...counter.desk, taskQueue }, 'reconcile', '--json'),
  );
  expect(resultOf<{ releasedHolds: string[] }>(report).releasedHolds).toContain(booking.id);
  expect((await show(booking)).exitCode).toBe(0);
});

describe('the runbook’s list queries', () => {
  const queries = new Map(
    [
      ...readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8').matchAll(
        /^\*\*([^*\n]+)\*\*[^\n]*\n\n```sql\n([^`]+?)\n```/gm,
      ),
    ].map(([, name = '', query = '']) => [name, query] as const),
  );

  async function listed(name: string, instant?: Date): Promise<string[]> {
    const query = queries.get(name) ?? '';
    expect(query).not.toBe('');
    const asked =
      instant === undefined ? query : query.replace(/'\d{4}-.*?'/, `'${instant.toISOString()}'`);
    const ids: string[] = [];
    for await (const { workflowId } of counter.env.client.workflow.list({ query: asked }))
      ids.push(workflowId);
    return ids;
  }

  async function untilListed(name: string, workflowId: string, instant?: Date): Promise<void> {
    await waitUntil(async () => (await listed(name, instant)).includes(workflowId), {
      timeoutMs: 10_000,
      onTimeout: () => new Error(`${name}: never listed`),
    });
  }

  test('are taken by Temporal, each of them', async () => {
    expect(queries.size).toBeGreaterThanOrEqual(6);
    for (const name of queries.keys()) await listed(name);
  });

  test('find what they say', async () => {
    const { booking } = await counter.holdSeat();
    const inAnHour = new Date(Date.now() + 60 * 60_000);
    await untilListed('Pending past deadline', booking.workflowId, inAnHour);
    expect(await listed('Pending past deadline', new Date())).not.toContain(booking.workflowId);

    const inVain = { provider: 'bank', providerPaymentId: `transfer-${randomUUID()}` };
    await counter.messenger.deliver(
      { bookingId: booking.id, ...ADULT_PRICE, ...inVain, amount: 1 },
      () => Promise.resolve('pending'),
    );
    const refund = refundWorkflowId(foreignPaymentId(inVain));
    await untilListed('Refund waiting for a person', refund);

    await counter.ops('cancel', booking.id, '--reason', 'test', '--as', 'op-7');
    await untilListed("Today's cancellations", booking.workflowId, minutesAgo(5));
    const sold = await counter.sellSeat();
    await sold.customer.cancel(sold.booking);
    await untilListed("Today's cancellations", `cancellation-${sold.booking.id}`, minutesAgo(5));
  });
});
