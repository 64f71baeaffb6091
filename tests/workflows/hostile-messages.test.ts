import type { Payload } from '@temporalio/common';
import { paymentFor } from '../support/flights';
import { json, MISSHAPEN, rawMessages, UNDECODABLE } from '../support/raw-messages';
import { openShop, STARTING_MS, transfer, type Sale, type Shop } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';

/** Whatever bytes anyone sends to a booking under whatever name, its customer never notices. */

/** Longer than sending everything takes, and short enough to wait for. */
const PAYMENT_WINDOW_SECONDS = 20;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop(devServerEnvironment, {
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
    maxOpenHoldsPerCustomer: 100,
  });
}, STARTING_MS);

afterAll(() => shop.close());

/** What each message would be, were it sent as it should: for ways that spoil something good. */
const SIGNALS = ['paymentReceived', 'paymentUpdated', 'somethingUnknown', '__temporal_reserved'];
const UPDATES = ['awaitReservation', 'makePayment', 'cancelBooking', 'retryPayment'];

function contentFor(message: string, { request }: Sale): Payload {
  const { bookingId: _, ...payment } = paymentFor(request);
  const contents: Record<string, object> = {
    paymentReceived: transfer(),
    makePayment: payment,
    cancelBooking: { requestedBy: request.customerId, asOperator: false },
    retryPayment: { requestedBy: 'operator-1', note: 'Now.' },
  };
  return json(contents[message] ?? {});
}

/** Every way to be no good, for one message. */
async function badArguments(message: string, sale: Sale): Promise<[string, Payload[]][]> {
  const content = contentFor(message, sale);
  const ways = Object.entries(UNDECODABLE).map(
    async ([way, make]) => [way, await make(content)] as [string, Payload[]],
  );
  return [...(await Promise.all(ways)), ...Object.entries(MISSHAPEN)];
}

async function untouched(sale: Sale): Promise<void> {
  expect(await sale.state()).toMatchObject({
    ...{ status: 'pending', activity: 'awaiting_payment', externalPayments: [] },
  });
}

/** A booking that has had every bad signal, many at once. */
async function bombarded(): Promise<Sale> {
  const sale = await shop.hold();
  const raw = rawMessages(shop.env, sale.handle.workflowId);
  for (const signal of SIGNALS) {
    const bad = await badArguments(signal, sale);
    await Promise.all(bad.map(([, payloads]) => raw.signal(signal, payloads)));
  }
  await untouched(sale);
  return sale;
}

async function expectNoFailedTask({ handle }: Sale): Promise<void> {
  expect(await rawMessages(shop.env, handle.workflowId).failedTasks()).toEqual([]);
}

test.each(SIGNALS)('no signal %s that can’t be read stops a booking', async (signal) => {
  const sale = await shop.hold();
  const raw = rawMessages(shop.env, sale.handle.workflowId);
  for (const [, payloads] of await badArguments(signal, sale)) {
    await raw.signal(signal, payloads);
    await untouched(sale);
  }
  await expectNoFailedTask(sale);
  await sale.cancel();
});

test.each(UPDATES)(
  'an update %s that can’t be read is rejected, says why, and leaves no trace',
  async (update) => {
    const sale = await shop.hold();
    const raw = rawMessages(shop.env, sale.handle.workflowId);
    const before = (await sale.handle.fetchHistory()).events?.length;
    for (const [way, payloads] of await badArguments(update, sale)) {
      // What takes nothing is told so, unless it gets nothing.
      if (update === 'awaitReservation' && payloads.length === 0) continue;
      const failure = await raw.update(update, payloads);
      expect({ way, type: failure?.applicationFailureInfo?.type }).toEqual({
        ...{ way, type: 'validation_failed' },
      });
      expect(failure?.message).toContain(update);
      await untouched(sale);
    }
    expect((await sale.handle.fetchHistory()).events).toHaveLength(before ?? 0);
    await sale.cancel();
  },
);

test('a question is answered whatever is asked along with it', async () => {
  const sale = await shop.hold();
  const raw = rawMessages(shop.env, sale.handle.workflowId);
  for (const [way, payloads] of await badArguments('bookingState', sale)) {
    const answer = await raw.query('bookingState', payloads);
    expect({ way, answer }).toMatchObject({ way, answer: { status: 'pending' } });
  }
  await expectNoFailedTask(sale);
});

test('a booking that was sent all of it can still be paid', async () => {
  const sale = await bombarded();
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  await expectNoFailedTask(sale);
});

test('it can still be paid elsewhere: the one good message among the bad ones is heard', async () => {
  const sale = await bombarded();
  await sale.payExternally();
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
});

test('it can still be cancelled', async () => {
  const sale = await bombarded();
  expect(await sale.cancel()).toMatchObject({ status: 'cancelled' });
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
});

test('it still expires at its deadline, and its seats are free again', async () => {
  const sale = await bombarded();
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  await expectNoFailedTask(sale);
});
