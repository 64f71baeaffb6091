import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { addPing } from '../../src/db/webhooks/new-deliveries';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import {
  awaitCancellation,
  cancellationWorkflowId,
} from '../../src/temporal/contracts/cancellation';
import { refundWorkflowId, settleRefund } from '../../src/temporal/contracts/refund';
import {
  scheduleChangeWorkflowId,
  type ScheduleChangeOrder,
} from '../../src/temporal/contracts/schedule-change';
import { webhookEndpointWorkflowId } from '../../src/temporal/contracts/webhook';
import type * as workflows from '../../src/workflows';
import { hostileMessages, QUERIES_OF_THE_SDK, type Contents } from '../support/hostile-messages';
import { whileRivalHolds } from '../support/rival';
import { payload, rawMessages } from '../support/raw-messages';
import { withReconciler } from '../support/reconcile';
import { withRetentionWorker } from '../support/retention-worker';
import { withScheduleWorker } from '../support/schedule-worker';
import { refundIn, transfer, untilRefund, untilSeen } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { addHook, startWebhooks } from '../support/webhooks';
import { shopOfSuite } from './suite';

/**
 * Whatever bytes anyone sends to a workflow that sees to something else than a booking, it does its
 * work.
 */

const shop = shopOfSuite(devServerEnvironment);

/** A workflow that waits in the middle of its work. */
interface Waiting {
  workflowId: string;
  contents: Contents;
  /** Has it go on, and expects what it is for. */
  finish: () => Promise<void>;
}

type Meanwhile = (waiting: Waiting) => Promise<void>;

/** Runs `work` with a table that nobody else can read: a step that needs it waits. */
function whileLocked(table: string, work: () => Promise<void>): Promise<void> {
  const lock = 'LOCK TABLE ?? IN ACCESS EXCLUSIVE MODE';
  return whileRivalHolds(shop.db, (rival) => rival.raw(lock, [table]), work);
}

const resultOf = (workflowId: string) => shop.env.client.workflow.getHandle(workflowId).result();

/** Every workflow beside that of a booking: a new one has to be here, too. */
const WORKFLOWS: Record<
  Exclude<keyof typeof workflows, 'bookingWorkflow'>,
  (meanwhile: Meanwhile) => Promise<void>
> = {
  refundWorkflow: async (meanwhile) => {
    const payment = { bookingId: randomUUID(), ...transfer() };
    await shop.paymentWorkflows.deliver(payment, () => Promise.resolve(undefined));
    const paymentId = externalPaymentId(payment);
    await untilRefund(shop.env, paymentId, 'needs_operator');
    const settlement = { settledBy: 'operator-1', note: 'Sent back.' };
    await meanwhile({
      workflowId: refundWorkflowId(paymentId),
      contents: {
        settleRefund: settlement,
        retryRefund: { requestedBy: 'operator-1', note: 'Now.' },
        refundState: null,
      },
      finish: async () => {
        const settled = await refundIn(shop.env, paymentId).executeUpdate(settleRefund, {
          args: [settlement],
        });
        expect(settled).toMatchObject({ status: 'succeeded' });
      },
    });
  },

  cancellationWorkflow: async (meanwhile) => {
    const sale = await shop.sell();
    const workflowId = cancellationWorkflowId(sale.request.bookingId);
    let cancelling: ReturnType<typeof shop.cancelSaleAsBefore> | undefined;
    const waiting = {
      workflowId,
      contents: { [awaitCancellation.name]: null },
      finish: async () => {
        expect(await cancelling).toMatchObject({ outcome: 'cancelled' });
        expect(await sale.seats()).toMatchObject({ sold: 0 });
      },
    };
    await whileLockedThenFinish('bookings', waiting, meanwhile, async () => {
      cancelling = shop.cancelSaleAsBefore(sale);
      await shop.untilSomeoneWaits();
    });
  },

  paymentEventsWorkflow: async (meanwhile) => {
    const workflowId = `payment-events-${randomUUID()}`;
    const waiting = {
      workflowId,
      contents: { paymentEventAccepted: null },
      finish: async () => {
        expect(await resultOf(workflowId)).toBeUndefined();
      },
    };
    await whileLockedThenFinish('received_payment_events', waiting, meanwhile, () =>
      startUnreadable('paymentEventsWorkflow', workflowId),
    );
  },

  outgoingEventsWorkflow: async (meanwhile) => {
    const webhooks = await startWebhooks(shop.env, shop.dbOf('worker'));
    const { workflowId } = webhooks.events;
    await meanwhile({
      workflowId,
      contents: {},
      finish: async () => {
        const { receiver, ownerId } = await addHook(shop.db);
        await shop.hold({ customerId: ownerId });
        await untilSeen(() => Promise.resolve(receiver.received[0]));
        await receiver.close();
      },
    });
    await webhooks.stop();
  },

  webhookEndpointWorkflow: async (meanwhile) => {
    const webhooks = await startWebhooks(shop.env, shop.dbOf('worker'));
    const { receiver, endpointId } = await addHook(shop.db);
    const workflowId = webhookEndpointWorkflowId(endpointId);
    const waiting = {
      workflowId,
      contents: { deliveriesDue: null },
      finish: async () => {
        expect(await resultOf(workflowId)).toBeUndefined();
        expect(receiver.received).toHaveLength(1);
      },
    };
    await addPing(shop.db, endpointId);
    await whileLockedThenFinish('webhook_deliveries', waiting, meanwhile, () =>
      startUnreadable('webhookEndpointWorkflow', workflowId),
    );
    await receiver.close();
    await webhooks.stop();
  },

  providerEventWorkflow: async (meanwhile) => {
    const event = {
      provider: 'stripe',
      eventId: `evt_${randomUUID()}`,
      type: 'payout.paid',
      bookingId: null,
      captured: null,
    };
    const workflowId = `event-stripe-${event.eventId}`;
    const waiting = {
      workflowId,
      contents: {},
      finish: async () => {
        expect(await resultOf(workflowId)).toBeUndefined();
        expect(await shop.db('provider_events').where({ event_id: event.eventId })).toHaveLength(1);
      },
    };
    await whileLockedThenFinish('provider_events', waiting, meanwhile, async () => {
      await shop.paymentWorkflows.accept(event);
      await shop.untilSomeoneWaits();
    });
  },

  scheduleChangeWorkflow: async (meanwhile) => {
    const scheduleChangeId = randomUUID();
    const workflowId = scheduleChangeWorkflowId(scheduleChangeId);
    const order: ScheduleChangeOrder = {
      scheduleChangeId,
      flightId: (await shop.flight()).id,
      kind: 'cancelled',
      reason: 'Fog.',
      requestedBy: 'operator-1',
      fingerprint: 'fingerprint',
    };
    let changing: ReturnType<typeof shop.scheduleChanges.change> | undefined;
    const waiting = {
      workflowId,
      contents: { awaitScheduleChange: null, scheduleChangeState: null },
      finish: async () => {
        expect(await changing).toMatchObject({ kind: 'completed' });
        expect(await resultOf(workflowId)).toMatchObject({ activity: 'closed' });
      },
    };
    await whileLockedThenFinish('schedule_changes', waiting, meanwhile, async () => {
      changing = shop.scheduleChanges.change(order);
      await shop.untilSomeoneWaits();
    });
  },

  flightScheduleWorkflow: async (meanwhile) => {
    const workflowId = `flight-schedule-${randomUUID()}`;
    const waiting = {
      workflowId,
      contents: {},
      finish: async () => {
        expect(await resultOf(workflowId)).toMatchObject({ days: [] });
      },
    };
    const nothingToDo = { db: shop.dbOf('worker'), scheduleDays: 0 };
    await withScheduleWorker(shop.env, nothingToDo, (taskQueue) =>
      whileLockedThenFinish('flight_schedule_days', waiting, meanwhile, () =>
        startUnreadable('flightScheduleWorkflow', workflowId, taskQueue),
      ),
    );
  },

  retentionWorkflow: async (meanwhile) => {
    const workflowId = `retention-${randomUUID()}`;
    const waiting = {
      workflowId,
      contents: {},
      finish: async () => {
        expect(await resultOf(workflowId)).toEqual({ requested: 0, departed: 0 });
      },
    };
    const keepsAll = { db: shop.dbOf('worker'), personalDataDays: 0 };
    await withRetentionWorker(shop.env, keepsAll, (taskQueue) =>
      whileLockedThenFinish('erasure_requests', waiting, meanwhile, () =>
        startUnreadable('retentionWorkflow', workflowId, taskQueue),
      ),
    );
  },

  mailDeliveryWorkflow: async (meanwhile) => {
    const workflowId = `mail-delivery-${randomUUID()}`;
    const input = [payload('json/plain', '{bad')];
    const messages = rawMessages(shop.env, workflowId);
    await messages.start('mailDeliveryWorkflow', input, { taskQueue: 'bookings' });
    const handle = shop.env.client.workflow.getHandle(workflowId);
    await meanwhile({
      workflowId,
      contents: {},
      finish: async () => {
        // It goes on until someone ends it.
        expect(await handle.describe()).toMatchObject({ status: { name: 'RUNNING' } });
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      },
    });
  },

  reconciliationWorkflow: async (meanwhile) => {
    const workflowId = `reconciliation-${randomUUID()}`;
    const waiting = {
      workflowId,
      contents: {},
      finish: async () => {
        expect(await resultOf(workflowId)).toMatchObject({ violations: [] });
      },
    };
    await withReconciler(shop, (taskQueue) =>
      whileLockedThenFinish('bookings', waiting, meanwhile, () =>
        startUnreadable('reconciliationWorkflow', workflowId, taskQueue),
      ),
    );
  },
};

async function whileLockedThenFinish(
  table: string,
  waiting: Waiting,
  meanwhile: Meanwhile,
  begin: () => Promise<void>,
): Promise<void> {
  await whileLocked(table, async () => {
    await begin();
    await meanwhile({ ...waiting, finish: () => Promise.resolve() });
  });
  await waiting.finish();
}

/** One that takes nothing, started with what can't be read. */
async function startUnreadable(
  workflowType: string,
  workflowId: string,
  taskQueue = 'bookings',
): Promise<void> {
  const input = [payload('json/plain', '{bad')];
  await rawMessages(shop.env, workflowId).start(workflowType, input, { taskQueue });
  await shop.untilSomeoneWaits();
}

describe.each(Object.entries(WORKFLOWS))('%s', (_workflowType, meanwhile) => {
  test('no message that can’t be read stops it, and no update of them is accepted', async () => {
    await meanwhile(async ({ workflowId, contents, finish }) => {
      const hostile = hostileMessages(shop.env, workflowId, contents);
      await hostile.signals();
      await hostile.updates();
      await hostile.expectNoFailedTask();
      await finish();
    });
  });
});

test('a question about a refund is answered whatever is asked along with it', async () => {
  await WORKFLOWS.refundWorkflow(async ({ workflowId, contents, finish }) => {
    const hostile = hostileMessages(shop.env, workflowId, { ...contents, ...QUERIES_OF_THE_SDK });
    expect(await hostile.queries()).toEqual(expect.arrayContaining(['refundState']));
    await hostile.expectNoFailedTask();
    await finish();
  });
});
