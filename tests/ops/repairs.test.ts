import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../src/cli/wait';
import { readStaffEvents } from '../../src/db/bookings/event-view';
import { refundIdOf } from '../../src/db/refunds/refunds';
import type { Booking } from '../../src/domain/booking';
import { changeBooking, changeUpdateId } from '../../src/temporal/contracts/change';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundWorkflowId } from '../../src/temporal/contracts/refund';
import { changeBy, quoteChange } from '../db/making-changes';
import { ADULT_PRICE, seatsByState } from '../support/flights';
import { STARTING_MS, untilRefund, untilRefunded, untilSeen } from '../support/shop';
import { expectRefused, openCounter, resultOf, type Counter } from './counter';
import { PATIENCE_MS } from '../support/patience';

/**
 * What operators change from a terminal: each through a workflow, in their name, and never twice.
 */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterEach(() => {
  counter.provider.repair();
});

afterAll(() => counter.close(), STARTING_MS);

const BY = ['--as', 'op-7'];

/** Waits until a booking's provider is being asked. */
async function seenPaying({ id }: Booking): Promise<void> {
  const isPaying = async () =>
    (await counter.db('payments').where({ booking_id: id, status: 'processing' })).length > 0;
  const onTimeout = () => new Error('The provider is never asked');
  await waitUntil(isPaying, { timeoutMs: PATIENCE_MS, onTimeout });
}

/** Money of another service that came for nothing, and waits for a person. */
async function moneyInVain(): Promise<string> {
  const { booking } = await counter.holdSeat();
  await counter.ops('cancel', booking.id, '--reason', 'test', ...BY);
  const payment = { provider: 'bank', providerPaymentId: `transfer-${randomUUID()}` };
  await counter.paymentWorkflows.deliver(
    { bookingId: booking.id, ...ADULT_PRICE, ...payment },
    () => Promise.resolve('cancelled'),
  );
  const paymentId = externalPaymentId(payment);
  await untilRefund(counter.env, paymentId, 'needs_operator');
  return paymentId;
}

describe('cancel', () => {
  const why = ['--reason', 'aircraft change', ...BY];

  test('frees the seats of a pending booking, and its history says who and why', async () => {
    const { customer, flight, booking } = await counter.holdSeat();
    const { exitCode, out } = await counter.ops('cancel', booking.reference, ...why);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: `${booking.reference} is cancelled; nothing is owed.`,
    });
    expect(await seatsByState(counter.db, flight.id)).toEqual({ free: 2, held: 0, sold: 0 });
    const { body: history } = await customer.events(booking);
    expect(history.data.at(-1)).toMatchObject({
      type: 'cancelled',
      actor: 'airline',
      reason: 'aircraft change',
    });
    // Once more changes nothing.
    expect(await counter.ops('cancel', booking.id, ...why)).toMatchObject({ exitCode: 0 });
    expect((await customer.events(booking)).body).toEqual(history);
  });

  test('gives back all that a booked booking has paid', async () => {
    const { booking, payment } = await counter.sellSeat();
    const ran = await counter.ops('cancel', booking.id, ...why, '--json');
    expect(resultOf(ran)).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
      refund: ADULT_PRICE,
    });
    expect(ran.out).not.toContain('Lovelace');
    await untilRefunded(counter.db, payment.id);
  });

  test('is refused after departure, during a payment, and of what is not there', async () => {
    const { flight, booking } = await counter.sellSeat();
    await counter.reschedule(flight, -5);
    expectRefused(await counter.ops('cancel', booking.id, ...why), 'The flight has departed.');

    const { customer, booking: held } = await counter.holdSeat();
    const paused = counter.provider.pause('authorize');
    const paying = customer.pay(held);
    await paused.reached;
    expectRefused(
      await counter.ops('cancel', held.id, ...why),
      'A payment of this booking is being made.',
    );
    paused.letIn();
    await paying;

    expectRefused(await counter.ops('cancel', 'ZZZZZZ', ...why), 'There is no booking ZZZZZZ.');
  });
});

describe('retry-payment', () => {
  const why = ['--note', 'the provider is back', ...BY];

  test('has the provider asked at once, and its history says who and why', async () => {
    const { customer, booking } = await counter.holdSeat();
    counter.provider.lose('requests', 'authorize');
    const paying = customer.pay(booking);
    await seenPaying(booking);
    const retrying = counter.ops('retry-payment', booking.reference, ...why);
    // The payment would end by itself, with nothing left to be retried.
    const asked = await untilSeen(async () =>
      (await readStaffEvents(counter.db, booking.id)).find(
        ({ type }) => type === 'payment_retried',
      ),
    );
    counter.provider.repair();
    expect(await retrying).toEqual({
      exitCode: 0,
      out: `The provider has responded: ${booking.reference} is booked.`,
      err: '',
    });
    expect(await paying).toMatchObject({ status: 201 });
    expect(asked).toMatchObject({ by: 'op-7', note: 'the provider is back' });
  });

  test('waits for the response about the payment of a change, too', async () => {
    const { booking } = await counter.sellSeat();
    const other = await counter.flight({ seats: 2 });
    const row = await counter.db('bookings').where({ id: booking.id }).first('customer_id');
    const request = { bookingId: booking.id, customerId: row?.customer_id ?? '' };
    const quote = await quoteChange(counter.db, request, [{ replaces: 0, flightIds: [other.id] }]);
    const { bookingId: _, ...change } = changeBy(request, quote);
    counter.provider.lose('requests', 'authorize');
    const changing = counter.env.client.workflow
      .getHandle(booking.workflowId)
      .executeUpdate(changeBooking, { args: [change], updateId: changeUpdateId(change.changeId) });
    await seenPaying(booking);
    const retrying = counter.ops('retry-payment', booking.reference, ...why, '--json');
    await untilSeen(async () =>
      (await readStaffEvents(counter.db, booking.id)).find(
        ({ type }) => type === 'payment_retried',
      ),
    );
    counter.provider.repair();
    const retried = await retrying;
    expect(retried.exitCode).toBe(0);
    expect(resultOf(retried)).toMatchObject({ activity: 'awaiting_departure' });
    await changing;
  });

  test('is refused while nobody pays, and once the booking is settled', async () => {
    const { customer, booking } = await counter.holdSeat();
    const retry = () => counter.ops('retry-payment', booking.id, ...why);
    expectRefused(
      await retry(),
      'No card payment of this booking is being made: there is nothing to ask the payment provider about.',
    );
    await customer.cancel(booking);
    await counter.env.client.workflow.getHandle(booking.workflowId).result();
    expectRefused(
      await retry(),
      `No card payment of ${booking.reference} is being made: it is settled.`,
    );
  });
});

describe('a refund that waits for a person', () => {
  const note = ['--note', 'sent by bank transfer', ...BY];
  const why = ['--note', 'the bank is back', ...BY];

  test('is settled once, and the books say by whom', async () => {
    const paymentId = await moneyInVain();
    expect(await counter.ops('settle-refund', paymentId, ...note)).toMatchObject({
      exitCode: 0,
      out: `The refund of 120.00 USD of payment ${paymentId}: succeeded.`,
    });
    expect(await counter.db('refunds').where({ payment_id: paymentId }).first()).toMatchObject({
      status: 'succeeded',
      settled_by: 'op-7',
      settlement_note: 'sent by bank transfer',
    });
    expectRefused(
      await counter.ops('settle-refund', paymentId, ...note),
      `Payment ${paymentId} has been refunded already.`,
    );
  });

  test('is asked about again; one whose workflow is gone gets another', async () => {
    const paymentId = await moneyInVain();
    const again = () => counter.ops('retry-refund', paymentId, ...why, '--json');
    const answer = {
      paymentId,
      refundId: refundIdOf(paymentId),
      ...ADULT_PRICE,
      status: 'needs_operator',
      whyOperator: 'foreign_provider',
    };
    const first = await again();
    expect([first.exitCode, resultOf(first)]).toEqual([1, answer]);

    await counter.terminate({ workflowId: refundWorkflowId(paymentId) });
    expect(resultOf(await again())).toEqual(answer);
    // Both are on record: the update, and the one that had to start a workflow.
    const { rows } = await counter.db.raw<{ rows: { actor: string; note: string }[] }>(
      `SELECT e.actor, e.note FROM booking_events e JOIN payments p USING (booking_id)
       WHERE p.id = ? AND e.type = 'refund_retried'`,
      [paymentId],
    );
    expect(rows).toEqual(Array(2).fill({ actor: 'op-7', note: 'the bank is back' }));
  });

  test('is settled although no workflow handles it', async () => {
    const paymentId = await moneyInVain();
    await counter.terminate({ workflowId: refundWorkflowId(paymentId) });
    expect(await counter.ops('settle-refund', paymentId, ...note)).toMatchObject({ exitCode: 0 });
    expect(await counter.db('refunds').where({ payment_id: paymentId }).first()).toMatchObject({
      status: 'succeeded',
      settled_by: 'op-7',
    });
  });

  test('goes through once the provider agrees', async () => {
    const { booking, payment } = await counter.sellSeat();
    const theirs = () =>
      counter.db('sandbox_provider.payment_intents').where({ idempotency_key: payment.id });
    await theirs().update({ amount: 1 });
    await counter.ops('cancel', booking.id, '--reason', 'test', ...BY);
    await untilRefund(counter.env, payment.id, 'needs_operator');
    await theirs().update({ amount: ADULT_PRICE.amount });
    expect(await counter.ops('retry-refund', payment.id, ...why)).toMatchObject({
      exitCode: 0,
      out: `The refund of 120.00 USD of payment ${payment.id}: succeeded.`,
    });
  });

  test('is one that is owed, and that nobody is asking for at the moment', async () => {
    const unknown = randomUUID();
    expectRefused(
      await counter.ops('settle-refund', unknown, ...note),
      `There is no payment ${unknown}.`,
    );
    const { booking, payment } = await counter.sellSeat();
    expectRefused(
      await counter.ops('retry-refund', payment.id, ...why),
      `Nothing is owed of payment ${payment.id}: it is captured.`,
    );
    counter.provider.lose('requests', 'refund');
    await counter.ops('cancel', booking.id, '--reason', 'test', ...BY);
    await untilRefund(counter.env, payment.id, 'pending');
    const paused = counter.provider.pause('refund');
    await paused.reached;
    counter.provider.repair();
    expectRefused(
      await counter.ops('settle-refund', payment.id, ...note),
      'The refund is not waiting for an operator: the payment provider is being asked. Wait for its response.',
    );
    paused.letIn();
    await untilRefunded(counter.db, payment.id);
  });
});

describe('replay-event', () => {
  const eventFor = (booking: { id: string }, provider: string, payment: string) => [
    ...['replay-event', '--booking', booking.id, '--provider', provider, '--payment', payment],
    ...[
      '--amount',
      String(ADULT_PRICE.amount),
      '--currency',
      ADULT_PRICE.currency,
      ...BY,
      '--json',
    ],
  ];

  test('books what was paid for; again, it changes nothing', async () => {
    const { customer, booking } = await counter.holdSeat();
    const event = eventFor(booking, 'bank', `transfer-${randomUUID()}`);
    const first = await counter.ops(...event);
    expect(resultOf(first)).toMatchObject({ isApplied: true, refund: null });
    expect((await customer.read(booking.id)).body).toMatchObject({ status: 'booked' });
    expect(await counter.ops(...event)).toEqual(first);
    expect(await counter.db('payments').where({ booking_id: booking.id })).toHaveLength(1);
  });

  test('puts money that comes too late on record as owed back', async () => {
    const { customer, booking } = await counter.holdSeat();
    await customer.cancel(booking);
    const ran = await counter.ops(...eventFor(booking, 'bank', `transfer-${randomUUID()}`));
    expect(ran.exitCode).toBe(0);
    expect(resultOf(ran)).toMatchObject({
      isApplied: false,
      refund: { ...ADULT_PRICE, reason: 'booking_cancelled' },
    });
  });

  test('takes nobody’s word for what our own provider knows better', async () => {
    const { booking } = await counter.holdSeat();
    const refusal = 'sandbox has no such payment for this booking.';
    expectRefused(await counter.ops(...eventFor(booking, 'sandbox', 'spi_made_up')), refusal);

    const id = `spi_${randomUUID()}`;
    await counter.db('sandbox_provider.payment_intents').insert({
      id,
      idempotency_key: randomUUID(),
      booking_id: booking.id,
      ...ADULT_PRICE,
      payment_method: 'pm_card_visa',
      status: 'captured',
      captured_at: new Date(),
    });
    const { booking: other } = await counter.holdSeat();
    expectRefused(await counter.ops(...eventFor(other, 'sandbox', id)), refusal);
    expect(resultOf(await counter.ops(...eventFor(booking, 'sandbox', id)))).toMatchObject({
      isApplied: true,
    });
  });

  test('says what to do about money at our provider that names no booking', async () => {
    const { booking } = await counter.holdSeat();
    const id = `spi_${randomUUID()}`;
    const theirs = () => counter.db('sandbox_provider.payment_intents');
    await theirs().insert({
      id,
      idempotency_key: randomUUID(),
      booking_id: null,
      ...ADULT_PRICE,
      payment_method: 'pm_card_visa',
      status: 'captured',
      captured_at: new Date(),
    });
    const ran = await counter.ops(...eventFor(booking, 'sandbox', id));
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toContain(`Set bookingId to ${booking.id} in its metadata there`);
    expect(await counter.db('payments').where({ provider_payment_id: id })).toEqual([]);

    await theirs().where({ id }).update({ booking_id: booking.id });
    expect(resultOf(await counter.ops(...eventFor(booking, 'sandbox', id)))).toMatchObject({
      isApplied: true,
    });
  });

  test('is refused for a booking that is not there, and for money that is on record for another booking', async () => {
    const { booking } = await counter.holdSeat();
    const payment = `transfer-${randomUUID()}`;
    await counter.ops(...eventFor(booking, 'bank', payment));
    const { booking: other } = await counter.holdSeat();
    expectRefused(
      await counter.ops(...eventFor(other, 'bank', payment)),
      `Payment ${payment} is on record for another booking.`,
    );
    const unknown = randomUUID();
    expectRefused(
      await counter.ops(...eventFor({ id: unknown }, 'bank', payment)),
      `There is no booking ${unknown}.`,
    );
  });
});

test.each([
  [['cancel', 'ABC234', '--reason', 'why'], "required option '--as <operator>' not specified"],
  [['cancel', 'ABC234', '--as', 'op-7'], "required option '--reason <text>' not specified"],
  [['settle-refund', 'ABC234', '--note', 'x', ...BY], 'It takes the ID of a payment, a UUID.'],
  [['retry-payment', 'ABC234', ...BY], "required option '--note <text>' not specified"],
  [['retry-refund', randomUUID(), ...BY], "required option '--note <text>' not specified"],
  [['sell', 'ABC234'], "unknown command 'sell'"],
  [['show', 'ABC234', '--loud'], "unknown option '--loud'"],
  [
    ['replay-event', '--amount', '12.5'],
    'It takes a whole number of the minor unit, such as cents.',
  ],
])('ops %j is misused: exit code 2', async (args, complaint) => {
  const { exitCode, out, err } = await counter.ops(...args);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toContain(complaint);
});
