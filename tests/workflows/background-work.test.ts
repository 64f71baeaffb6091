import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { backgroundTaskQueue } from '../../src/temporal/contracts/background';
import { ADULT_PRICE } from '../support/flights';
import { untilSeen, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/**
 * What follows when nobody has responded to a schedule change waits for its turn. Here it waits for
 * ever: no worker takes it.
 */
const shop = shopOfSuite(devServerEnvironment, { hasBackground: false });

/** The flight leaves, and the time to respond is over, as soon as the booking can be told. */
const LEAVES_IN_MS = 6_000;

/** A booking of a cancelled flight that nobody has responded for. */
async function unanswered(): Promise<Sale> {
  const flight = await shop.flight({ refundable: false });
  const sale = await shop.sell({ on: flight });
  const departure_at = new Date(Date.now() + LEAVES_IN_MS);
  await shop.db('flights').where({ id: flight.id }).update({ departure_at });
  await shop.scheduleChanges.change({
    scheduleChangeId: randomUUID(),
    flightId: flight.id,
    kind: 'cancelled',
    reason: 'Fog.',
    requestedBy: 'operator-1',
    fingerprint: 'fingerprint',
  });
  await untilItWaits(sale);
  return sale;
}

async function untilItWaits(sale: Sale): Promise<void> {
  await untilSeen(async () => {
    const { pendingActivities } = (await sale.handle.describe()).raw;
    const waiting = pendingActivities?.map(({ activityType }) => activityType?.name) ?? [];
    return waiting.includes('concludeScheduleChange') ? waiting : undefined;
  });
}

/** A worker that takes one task, and dies at it. */
async function takeOne(taskQueue: string) {
  const { connection, workflowService, options } = shop.env.client;
  return connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollActivityTaskQueue({
      namespace: options.namespace,
      taskQueue: { name: taskQueue },
      identity: 'a worker that dies at once',
    }),
  );
}

test('a customer who cancels meanwhile comes first, and the money goes back once', async () => {
  const sale = await unanswered();
  expect(await shop.cancelSale(sale)).toMatchObject({
    outcome: 'cancelled',
    booking: { cancellationReason: 'customer_request' },
  });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
  expect(await auditBooks(shop.db)).toEqual([]);
});

test('a worker that died at it fails no booking: a customer who cancels meanwhile has it cancelled', async () => {
  const sale = await unanswered();
  const { taskQueue } = await sale.handle.describe();
  const taken = await takeOne(backgroundTaskQueue(taskQueue));
  expect(taken.activityType?.name).toBe('concludeScheduleChange');
  // As long as a client waits, it is not known that nobody is at it any more.
  await expect(shop.cancelSale(sale)).rejects.toThrow('no_result');
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('nor does a try that fails while a customer cancels', async () => {
  const sale = await unanswered();
  const { taskQueue } = await sale.handle.describe();
  const { taskToken } = await takeOne(backgroundTaskQueue(taskQueue));
  const cancelling = shop.cancelSale(sale);
  await untilSeen(async () => {
    const { events } = await sale.handle.fetchHistory();
    return events?.find((event) => event.activityTaskCancelRequestedEventAttributes);
  });
  const { workflowService, options } = shop.env.client;
  await workflowService.respondActivityTaskFailed({
    namespace: options.namespace,
    taskToken,
    failure: { message: 'deadlock detected', applicationFailureInfo: { type: 'DatabaseError' } },
  });
  expect(await cancelling).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'customer_request' });
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', ...ADULT_PRICE }]);
});

test('a customer who is refused meanwhile leaves it waiting', async () => {
  const sale = await unanswered();
  const expectedRefund = { ...ADULT_PRICE, amount: 1 };
  expect(await shop.cancelSale(sale, { expectedRefund })).toMatchObject({
    outcome: 'refused',
    code: 'quote_changed',
  });
  await untilItWaits(sale);
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_response' });
});
