import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import { retryPayment } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { retryRefund, settleRefund } from '../../src/temporal/contracts/refund';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { refundIn, STARTING_MS, untilRefund } from '../support/shop';
import { clientOf, expectInvalid, newKey, type Client } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/**
 * What staff write for themselves, and who of them it was, is for staff: no answer to a customer
 * has it.
 */

let store: Storefront;
let ada: Client;
let operator: Client;
let booking: Booking;

/** Found nowhere but in what staff does. */
const OPERATOR = `op-${randomUUID()}`;
const NOTE = `note-${randomUUID()}`;

beforeAll(async () => {
  store = await openStorefront();
  operator = clientOf(store.url, await tokenOf({ sub: OPERATOR, scope: 'operator' }));
}, STARTING_MS);
afterAll(() => store.close());

beforeEach(async () => {
  ada = await store.customer();
  booking = (await ada.create(await store.flight())).body;
});

const retry = { requestedBy: OPERATOR, note: NOTE };

/** Money of another service that pays for nothing, and that only a person can give back. */
async function refundForAPerson() {
  const event = paymentEvent(booking, { amount: 1 });
  await store.anyone.send('POST', PAYMENT_EVENTS, signed(event));
  const paymentId = externalPaymentId(event.data);
  await untilRefund(store.env, paymentId, 'needs_operator');
  return { paymentId, refund: refundIn(store.env, paymentId) };
}

/** Everything that staff can do to a booking, each with their ID and a note. */
const STAFF_ACTIONS: Record<string, () => Promise<void>> = {
  'cancels an unpaid booking': async () => {
    expect((await operator.cancel(booking, { note: NOTE })).status).toBe(200);
  },
  'cancels a booked booking': async () => {
    await ada.pay(booking);
    expect((await operator.cancel(booking, { note: NOTE })).status).toBe(200);
  },
  'cancels by a message to the workflow': async () => {
    const sale = store.saleOf({ bookingId: booking.id } as Parameters<typeof store.saleOf>[0]);
    await sale.cancel({ requestedBy: OPERATOR, asOperator: true, note: NOTE });
  },
  'has a payment tried again': async () => {
    const capture = store.provider.pause('capture');
    const paying = ada.pay(booking);
    await capture.reached;
    const handle = store.env.client.workflow.getHandle(booking.workflowId);
    await handle.executeUpdate(retryPayment, { args: [retry] });
    capture.letIn();
    await paying;
  },
  'has a refund tried again': async () => {
    const { refund } = await refundForAPerson();
    await refund.executeUpdate(retryRefund, { args: [retry] });
  },
  'settles a refund': async () => {
    const { refund } = await refundForAPerson();
    await refund.executeUpdate(settleRefund, { args: [{ settledBy: OPERATOR, note: NOTE }] });
  },
};

/** Every answer that the customer can get about the booking. */
async function everythingTheCustomerReads(): Promise<string> {
  const path = `/api/v1/bookings/${booking.id}`;
  const answers = [
    await ada.get(path),
    await ada.get(`${path}/events`),
    await ada.get(`${path}/cancellation-quote`),
    await ada.get(`${path}/payments`),
    await ada.get('/api/v1/bookings'),
    await ada.get(`/api/v1/bookings?reference=${booking.reference}`),
    await ada.pay(booking, {}, newKey()),
    await ada.cancel(booking),
  ];
  return answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join('\n');
}

test.each(Object.keys(STAFF_ACTIONS))(
  'staff that %s is named in no answer to the customer, nor is what they noted',
  async (name) => {
    await STAFF_ACTIONS[name]?.();
    const seen = await everythingTheCustomerReads();
    expect(seen).toContain(booking.reference);
    expect(seen).not.toContain(OPERATOR);
    expect(seen).not.toContain(NOTE);
    const { body } = await operator.events(booking);
    expect(body.data).toContainEqual(
      expect.objectContaining({ actor: 'airline', by: OPERATOR, note: NOTE }),
    );
  },
);

test('what staff give as the reason is told to the customer', async () => {
  await operator.cancel(booking, { reason: 'The aircraft is changed.', note: NOTE });
  const { body } = await ada.events(booking);
  expect(body.data.at(-1)).toEqual({
    type: 'cancelled',
    occurredAt: expect.any(String),
    actor: 'airline',
    reason: 'The aircraft is changed.',
  });
});

test('a customer can’t write into staff’s records', async () => {
  expectInvalid(await ada.cancel(booking, { note: 'As if I were staff.' }), '/note');
  expect((await ada.read(booking.id)).body.status).toBe('pending');
});

describe('in entries that earlier versions wrote, with no kind of actor,', () => {
  async function append(type: string, actor: string, reason: string | null): Promise<void> {
    await store.db('booking_events').insert({ booking_id: booking.id, type, actor, reason });
  }

  test.each([
    ['cancelled', 'airline', 'operator_request'],
    ['payment_retried', 'airline', null],
    ['refund_retried', 'airline', null],
    ['refunded', 'airline', null],
    ['payment_voided', 'airline', null],
  ])('what staff wrote at %s is theirs', async (type, actor, reason) => {
    await operator.cancel(booking);
    await append(type, OPERATOR, NOTE);
    const { data } = (await ada.events(booking)).body;
    expect(data.at(-1)).toMatchObject({ type, actor, reason });
    expect(await everythingTheCustomerReads()).not.toMatch(new RegExp(`${OPERATOR}|${NOTE}`));
    expect((await operator.events(booking)).body.data.at(-1)).toMatchObject({
      by: OPERATOR,
      note: NOTE,
    });
  });

  test('customers, processes of ours and other services are told apart', async () => {
    const { data: before } = (await operator.events(booking)).body;
    const customerId = (before[0] as unknown as { by: string }).by;
    await append('payment_started', customerId, null);
    await append('payment_not_applied', 'bank', 'late');
    await append('refund_needs_operator', 'system', 'foreign_provider');
    await append('cancelled', 'reconciliation', 'payment_expired');
    const { data } = (await ada.events(booking)).body;
    expect(data.slice(before.length).map(({ actor, reason }) => [actor, reason])).toEqual([
      ['customer', null],
      ['payment_provider', 'late'],
      ['system', 'foreign_provider'],
      ['system', 'payment_expired'],
    ]);
  });
});
