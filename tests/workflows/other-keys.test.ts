import type { DataConverter, WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { waitUntil } from '../../src/cli/wait';
import { testWorkerDataConverter } from '../support/encryption';
import { paymentFor } from '../support/flights';
import { bothKeysDataConverter, foreignCodec, json, rawMessages } from '../support/raw-messages';
import { openShop, STARTING_MS, stateOf, transfer, type Sale, type Shop } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { workflowBundle } from '../support/workflow-bundle';
import { PATIENCE_MS } from '../support/patience';

/**
 * Keys come and go while bookings are under way. Whatever a worker could read when a message came,
 * a worker with other keys carries the booking on as it went, or waits for its key.
 */

const WORKERS: Record<string, DataConverter> = {
  'one key': testWorkerDataConverter,
  'both keys': bothKeysDataConverter,
};

/** Runs a workflow's history again with the given keys. Returns what went wrong, if anything. */
async function replay(handle: WorkflowHandle, dataConverter: DataConverter) {
  const history = await handle.fetchHistory();
  try {
    await Worker.runReplayHistory(
      { workflowBundle: await workflowBundle(), dataConverter },
      history,
      handle.workflowId,
    );
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Another service tells of a payment, encrypted with the key that not every worker has. */
async function paidInSecret(shop: Shop, { handle }: Sale): Promise<void> {
  const payloads = await foreignCodec.encode([json(transfer())]);
  await rawMessages(shop.env, handle.workflowId).signal('paymentReceived', payloads);
}

const CLEAR = json(transfer({ amount: 1 }));

describe('a worker that lacks a key', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(devServerEnvironment);
  }, STARTING_MS);

  afterAll(() => shop.close());

  test('passes over what it can’t read, and so does every worker after it', async () => {
    const sale = await shop.hold();
    await paidInSecret(shop, sale);
    expect(await sale.state()).toMatchObject({ status: 'pending', externalPayments: [] });
    await sale.cancel();
    await sale.ended();
    for (const keys of Object.values(WORKERS))
      expect(await replay(sale.handle, keys)).toBeUndefined();
  });

  test('reads again what it can, and so does every worker after it', async () => {
    const sale = await shop.hold();
    const raw = rawMessages(shop.env, sale.handle.workflowId);
    const readable = [0, 0, 1, 0, 0, 1, 1, 0, 1];
    for (const isReadable of readable) {
      if (isReadable === 0) await paidInSecret(shop, sale);
      else await raw.signal('paymentReceived', [CLEAR]);
    }
    // Three times the same payment is one.
    await stateOf(sale, ({ externalPayments }) => externalPayments.length === 1);
    await sale.cancel();
    await sale.ended();
    expect(await sale.payments()).toHaveLength(1);
    for (const keys of Object.values(WORKERS))
      expect(await replay(sale.handle, keys)).toBeUndefined();
  });

  test('starts a booking when it has the key, and not before', async () => {
    const request = (await shop.hold()).request;
    const bookingId = '5a1e0000-0000-4000-8000-000000000077';
    const raw = rawMessages(shop.env, `booking-${bookingId}`);
    await raw.start(
      'bookingWorkflow',
      await foreignCodec.encode([json({ ...request, bookingId })]),
    );
    const handle = shop.env.client.workflow.getHandle(`booking-${bookingId}`);
    await waitUntil(async () => (await raw.failedTasks()).length > 0, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('No worker has tried'),
    });
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(await replay(handle, bothKeysDataConverter)).toBeUndefined();
    await handle.terminate();
  });
});

describe('a worker that has had a key', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(devServerEnvironment, { dataConverter: bothKeysDataConverter });
  }, STARTING_MS);

  afterAll(() => shop.close());

  test.each(['signal', 'update'] as const)(
    'has taken a payment: a worker without the key waits for it, by %s',
    async (message) => {
      const sale = await shop.hold();
      if (message === 'signal') {
        await paidInSecret(shop, sale);
      } else {
        const { bookingId: _, ...payment } = paymentFor(sale.request);
        const raw = rawMessages(shop.env, sale.handle.workflowId);
        expect(
          await raw.update('makePayment', await foreignCodec.encode([json(payment)])),
        ).toBeNull();
      }
      expect(await sale.settled()).toMatchObject({ status: 'booked' });
      expect(await replay(sale.handle, WORKERS['both keys'] ?? {})).toBeUndefined();
      // Not a "no" for ever: a task that fails is tried again, by whatever worker has the key by
      // then.
      const error = await replay(sale.handle, WORKERS['one key'] ?? {});
      expect(error?.message).toContain('workflow task failure');
      expect(error?.name).not.toBe('DeterminismViolationError');
    },
  );
});
