import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, type Payload } from '@temporalio/common';
import { waitUntil } from '../../src/cli/wait';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { requestOf } from '../support/flights';
import { foreignCodec, json, payload, rawMessages, UNDECODABLE } from '../support/raw-messages';
import { transfer } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';
import { PATIENCE_MS } from '../support/patience';

/**
 * Operators start workflows by hand, also like another one: nothing that exists is touched by one
 * that has no business with it.
 */

const shop = shopOfSuite(devServerEnvironment, { maxOpenHoldsPerCustomer: 100 });

/** Starts a workflow from outside. Returns what it failed with, or what it returned. */
async function outcomeOf(workflowType: string, workflowId: string, input: Payload[]) {
  await rawMessages(shop.env, workflowId).start(workflowType, input);
  try {
    return (await shop.env.client.workflow.getHandle(workflowId).result()) as unknown;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
      return error.cause.type;
    throw error;
  }
}

/** IDs that are not the workflow's own. */
const OTHER_IDS: Record<string, (own: string) => string> = {
  'an ID of its own': () => randomUUID(),
  'another booking’s ID': (own) => own.replace(/[\da-f-]{36}$/, randomUUID()),
  'its ID in capitals': (own) => own.replace(/[\da-f-]{36}$/, (id) => id.toUpperCase()),
  'its ID and more': (own) => `${own}-1`,
};

describe.each(Object.entries(OTHER_IDS))('under %s', (_name, idOf) => {
  test('a booking’s workflow started like another one fails, and the booking is as it was', async () => {
    const sale = await shop.hold();
    const copyId = idOf(sale.handle.workflowId);
    const input = {
      ...sale.request,
      ...(copyId.toLowerCase() === sale.handle.workflowId && {
        bookingId: sale.request.bookingId.toUpperCase(),
      }),
    };
    expect(await outcomeOf('bookingWorkflow', copyId, [json(input)])).toBe('validation_failed');
    expect(await sale.row()).toMatchObject({ status: 'pending' });
    expect(await sale.seats()).toMatchObject({ held: 1 });
    expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  });

  test('a paid booking is not cancelled, nor its money given back', async () => {
    const sale = await shop.sell();
    const { bookingId } = sale.request;
    const request = { bookingId, requestedBy: 'operator-1', asOperator: true };
    const cancellationId = idOf(`cancellation-${bookingId}`);
    expect(await outcomeOf('cancellationWorkflow', cancellationId, [json(request)])).toBe(
      'validation_failed',
    );
    const [payment] = await sale.payments();
    const paymentId = payment?.id ?? '';
    const refundId = idOf(`refund-${paymentId}`);
    expect(await outcomeOf('refundWorkflow', refundId, [json({ paymentId })])).toBe(
      'validation_failed',
    );
    expect(await sale.row()).toMatchObject({ status: 'booked' });
    expect(await sale.refunds()).toEqual([]);
  });

  test('no payment is told of in an event that has another ID', async () => {
    const sale = await shop.hold();
    const { bookingId } = sale.request;
    const captured = { bookingId, ...transfer() };
    const event = { provider: 'bank', eventId: randomUUID(), type: 'paid', bookingId, captured };
    const eventId = idOf(`event-bank-${event.eventId}`);
    expect(await outcomeOf('providerEventWorkflow', eventId, [json(event)])).toBe(
      'validation_failed',
    );
    expect(await sale.state()).toMatchObject({ status: 'pending', externalPayments: [] });
  });
});

test('a refund that comes with the money of another payment records that, and gives nothing back that is not owed', async () => {
  const payment = { bookingId: randomUUID(), ...transfer() };
  const paymentId = randomUUID();
  const input = { paymentId, unapplied: { payment, reason: 'late' } };
  const result = await outcomeOf('refundWorkflow', `refund-${paymentId}`, [json(input)]);
  expect(result).toMatchObject({ status: 'nothing_owed' });
  expect(await shop.db('payments').where({ id: externalPaymentId(payment) })).toHaveLength(1);
});

/** Workflows that take something, and an ID of each. */
const WORKFLOWS = [
  'bookingWorkflow',
  'cancellationWorkflow',
  'refundWorkflow',
  'providerEventWorkflow',
];

/** What may be readable where another key or codec is. */
const FOR_LATER = [
  'an unknown encoding',
  'protobuf in JSON',
  'an encoding of bytes',
  'an unknown key',
  'no key',
  'encryption without data',
  'encryption cut off',
  'encryption tampered with',
  'encrypted twice',
];

/** What is too many arguments has a first one that is good. */
const WITH_MORE = 'argument';

describe.each(WORKFLOWS)('%s started with what can’t be read', (workflowType) => {
  const ways = Object.entries(UNDECODABLE).filter(([way]) => !way.includes(WITH_MORE));

  test('fails at once where no key could help', async () => {
    for (const [way, make] of ways.filter(([way]) => !FOR_LATER.includes(way))) {
      const type = await outcomeOf(workflowType, `start-${randomUUID()}`, await make(json({})));
      expect({ way, type }).toEqual({ way, type: 'validation_failed' });
    }
  });

  test('waits for its key where one could', async () => {
    for (const [way, make] of ways.filter(([way]) => FOR_LATER.includes(way))) {
      const workflowId = `start-${randomUUID()}`;
      const raw = rawMessages(shop.env, workflowId);
      await raw.start(workflowType, await make(json({})));
      const handle = shop.env.client.workflow.getHandle(workflowId);
      const isTried = async () => (await raw.failedTasks()).length > 0;
      await waitUntil(isTried, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error(way) });
      expect({ way, status: (await handle.describe()).status.name }).toMatchObject({
        status: 'RUNNING',
      });
      await handle.terminate();
    }
  });
});

test('what someone puts beside a booking, and nobody can read, doesn’t keep it from being booked', async () => {
  const [secret = {}] = await foreignCodec.encode([json('memo')]);
  for (const memo of [secret, payload('json/plain', '{bad'), {}]) {
    const request = requestOf(await shop.flight());
    const sale = shop.saleOf(request);
    await rawMessages(shop.env, sale.handle.workflowId).start('bookingWorkflow', [json(request)], {
      memo,
    });
    await shop.reserve(request);
    expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  }
});
