import { idOfKey } from '../../src/api/idempotency';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS, transfer } from '../support/shop';
import { newKey } from './client';

/**
 * Temporal refuses a workflow task that ends its workflow while another message waits. With it go
 * the updates that the task has answered: what they did in the database stays, and the workflow,
 * which begins the task anew, has never heard of them.
 */

let store: Storefront;

beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);

afterAll(() => store.close());

/** On a busy machine; long before its deadline. */
const ENDS_WITHIN_MS = 30_000;

/** Messages that change nothing of a booking that is being cancelled. */
const OTHERS = [
  {
    signal: 'scheduleChanged',
    args: [{ scheduleChangeId: idOfKey('none', 'schedule-changes', 'none') }],
  },
  { signal: 'paymentReceived', args: [transfer({ amount: 1 })] },
  { signal: 'nobodyKnowsThis', args: [] },
];

test.each(OTHERS)(
  'a hold that is cancelled while $signal comes: its workflow ends, too',
  async ({ signal, args }) => {
    const customer = await store.customer();
    const { body: booking } = await customer.create(await store.flight(), {}, newKey());
    const workflow = store.env.client.workflow.getHandle(booking.workflowId);
    const [cancelling] = await store.whileBookingIsLocked(
      { request: { bookingId: booking.id } },
      async () => {
        const cancelled = customer.cancel(booking);
        await store.untilSomeoneWaits();
        await workflow.signal(signal, ...args);
        return [cancelled];
      },
    );
    expect(await cancelling).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await workflow.result()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
    });
  },
  ENDS_WITHIN_MS,
);
