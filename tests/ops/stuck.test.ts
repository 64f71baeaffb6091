import { randomUUID } from 'node:crypto';
import type { Stuck } from '../../src/operations/stuck/case';
import { findStuck } from '../../src/operations/stuck/stuck';
import { waitUntil } from '../../src/cli/wait';
import { releaseOverdueHold } from '../../src/db/bookings/overdue-holds';
import type { Booking } from '../../src/domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { newKey } from '../api/client';
import { ADULT_PRICE } from '../support/flights';
import { STARTING_MS, untilRefund, untilRefunded } from '../support/shop';
import { minutesAgo, openCounter, resultOf, type Counter } from './counter';
import { PATIENCE_MS } from '../support/patience';

/** Whatever gets stuck is found. */

const BROKEN_CODE = 'no-such-code';

let counter: Counter;

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

/** A charge that is on record for so long already, whoever it is who looks after it. */
async function chargeOf(booking: Booking, minutes: number): Promise<string> {
  const id = randomUUID();
  await counter.db('payments').insert({
    id,
    booking_id: booking.id,
    customer_id: 'someone',
    idempotency_key: newKey(),
    request_fingerprint: 'f',
    status: 'processing',
    ...ADULT_PRICE,
    provider: 'sandbox',
    created_at: minutesAgo(minutes),
  });
  return id;
}

async function isListedAsRunning({ workflowId }: { workflowId: string }): Promise<boolean> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
  return (await counter.env.client.workflow.count(query)).count > 0;
}

const found = async () => resultOf(await counter.ops('stuck', '--json')) as Stuck[];

test('finds holds past their deadline, and says whether a workflow handles them', async () => {
  const { booking: alone } = await counter.holdSeat();
  await counter.terminate(alone);
  const { booking: late } = await counter.holdSeat();
  for (const booking of [alone, late]) await counter.backdate(booking, 5);
  const { booking: inTime } = await counter.holdSeat();

  const kind = 'hold_past_deadline';
  const stuck = await found();
  expect(stuck).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        kind,
        what: alone.reference,
        detail: 'no workflow runs',
        todo: expect.stringContaining('npm run flights -- reconcile'),
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
  await counter.paymentWorkflows.deliver(
    { bookingId: randomUUID(), ...ADULT_PRICE, ...inVain },
    () => Promise.resolve(undefined),
  );
  await untilRefund(counter.env, externalPaymentId(inVain), 'needs_operator');

  const stuck = await found();
  expect(stuck).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'charge_under_way', paymentId, what: booking.reference }),
      expect.objectContaining({ kind: 'refund_under_way', paymentId: payment.id }),
      expect.objectContaining({
        kind: 'refund_needs_operator',
        what: 'unknown booking',
        detail: `120.00 USD of bank (${inVain.providerPaymentId}): unknown_booking`,
        todo: expect.stringContaining(`settle-refund ${externalPaymentId(inVain)}`),
      }),
    ]),
  );
  expect(stuck.map((each) => each.paymentId)).not.toContain(freshCharge);
  counter.provider.repair();
  await untilRefunded(counter.db, payment.id);
  await counter.db('payments').whereIn('id', [paymentId, freshCharge]).update({ status: 'voided' });
});

test('finds workflows that run on after the end, and those that came to nothing yet', async () => {
  const { booking } = await counter.holdSeat();
  await counter.backdate(booking, 11);
  expect(await releaseOverdueHold(counter.db, booking.id)).toBe(true);
  const id = randomUUID();
  const workflowId = bookingWorkflowId(id);
  await counter.env.client.workflow.start(BOOKING_WORKFLOW, { workflowId, taskQueue: 'nobody' });

  const isListed = () => isListedAsRunning({ workflowId });
  await waitUntil(isListed, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('Never listed') });
  const kindsOf = async (now: Date) =>
    (await findStuck(counter.system, now))
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

test('finds workflows whose code fails repeatedly', async () => {
  const isFound = async () => (await found()).some(({ workflowId }) => workflowId === BROKEN_CODE);
  await waitUntil(isFound, {
    timeoutMs: PATIENCE_MS,
    intervalMs: 500,
    onTimeout: () => new Error('The failing code was never found'),
  });
  await counter.terminate({ workflowId: BROKEN_CODE });
});
