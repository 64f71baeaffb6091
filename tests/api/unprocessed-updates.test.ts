import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { openStorefront, type RunningApi, type Storefront } from '../support/api';
import { testDataConverter } from '../support/encryption';
import { STARTING_MS } from '../support/shop';
import { expectRefused, newKey } from './client';

/**
 * An update may come to a workflow task that is not for it: the workflow's last one, or that of a
 * worker which died. Temporal itself then answers that nobody has looked at it.
 */

let store: Storefront;

beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);

afterAll(() => store.close());

const FAILURE = {
  message: "Workflow Update is rejected because it wasn't processed by worker.",
  source: 'Server',
  applicationFailureInfo: { type: 'UnprocessedUpdate', nonRetryable: true },
};

/** An API whose updates nobody looks at, the first so many times that each is sent. */
async function apiUnheard(times: number): Promise<RunningApi> {
  const sent = new Map<string, number>();
  const isHeard = (updateId: string) => {
    const earlier = sent.get(updateId) ?? 0;
    sent.set(updateId, earlier + 1);
    return earlier >= times;
  };
  const temporal: WorkflowClientInterceptor = {
    startUpdate: async (input, next) => {
      const updateId = input.options.updateId ?? '';
      const { workflowId } = input.workflowExecution;
      if (isHeard(`${workflowId}/${updateId}`)) return next(input);
      return { updateId, workflowRunId: '', outcome: { failure: FAILURE } };
    },
    startUpdateWithStart: async (input, next) => {
      const updateId = input.updateOptions.updateId ?? '';
      const { workflowId } = input.workflowStartOptions;
      if (isHeard(`${workflowId}/${updateId}`)) return next(input);
      return { updateId, workflowExecution: { workflowId }, updateOutcome: { failure: FAILURE } };
    },
  };
  const client = new Client({
    connection: store.env.connection,
    dataConverter: testDataConverter,
    interceptors: { workflow: [temporal] },
  });
  return store.startApi({ client });
}

test('an update that nobody looked at is sent again: the client hears nothing of it', async () => {
  const customer = await (await apiUnheard(1)).customer();
  const [sold, held] = [
    await customer.create(await store.flight()),
    await customer.create(await store.flight()),
  ];
  expect([sold, held]).toMatchObject([{ status: 201 }, { status: 201 }]);
  expect(await customer.pay(sold.body)).toMatchObject({ status: 201 });
  const cancelled = { status: 200, body: { status: 'cancelled' } };
  expect(await customer.cancel(sold.body)).toMatchObject(cancelled);
  expect(await customer.cancel(held.body)).toMatchObject(cancelled);
});

test('when nobody ever looks at it, 503 within our time limit, and nothing is done; a retry at another API is served', async () => {
  const [sub, bookingKey, paymentKey] = ['customer-unheard', newKey(), newKey()];
  const [customer, unheard] = [
    await store.customer(sub),
    await (await apiUnheard(Infinity)).customer(sub),
  ];
  const flight = await store.flight();
  const held = await customer.create(await store.flight());
  const answers = await Promise.all([
    unheard.create(flight, {}, bookingKey),
    unheard.pay(held.body, {}, paymentKey),
    unheard.cancel(held.body),
  ]);
  for (const answer of answers) expectRefused(answer, 'service_unavailable');
  expect((await customer.read(held.body.id)).body).toEqual(held.body);

  expect(await customer.create(flight, {}, bookingKey)).toMatchObject({ status: 201 });
  expect(await customer.pay(held.body, {}, paymentKey)).toMatchObject({ status: 201 });
});

test('when another payment has settled the booking meanwhile, one that nobody looked at is told so', async () => {
  const sub = 'customer-beaten';
  const customer = await store.customer(sub);
  const unheard = await (await apiUnheard(Infinity)).customer(sub);
  const { body: booking } = await customer.create(await store.flight());
  await customer.pay(booking);
  expectRefused(await unheard.pay(booking), 'booking_not_payable');
});
