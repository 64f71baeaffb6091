import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { formatHistory } from '../src/cli/gate/recorded-history';
import { waitUntil } from '../src/cli/wait';
import { storePaymentEvent } from '../src/db/external-payments/received-events';
import {
  BOOKING_WORKFLOW,
  bookingState,
  retryPayment,
  type BookingState,
} from '../src/temporal/contracts/booking';
import { PAYMENT_EVENTS_WORKFLOW_ID } from '../src/temporal/contracts/external-payment';
import { passengerIdOf } from '../src/domain/passenger-id';
import { chooseSeats, correctName } from '../src/temporal/contracts/amendment';
import { cancellationWorkflowId } from '../src/temporal/contracts/cancellation';
import { refundState, retryRefund, settleRefund } from '../src/temporal/contracts/refund';
import { requestOf } from '../tests/support/flights';
import globalSetup from '../tests/support/global-setup';
import globalTeardown from '../tests/support/global-teardown';
import {
  itineraryRequest,
  putRoundTripOnSale,
  ROUND_TRIP_PRICE,
} from '../tests/support/itineraries';
import { payload, rawMessages } from '../tests/support/raw-messages';
import {
  openShop,
  refundIn,
  transfer,
  untilSeen,
  type Sale,
  type Shop,
} from '../tests/support/shop';
import { devServerEnvironment } from '../tests/support/temporal';
import { CHANGES } from './stories/changes';
import { SCHEDULE_CHANGES } from './stories/schedule-changes';
import { SERVICES } from './stories/services';

/**
 * Records how bookings go today, one history for each way that a booking, its cancellation or a
 * refund can end, for tests/replay: workflows that run while a new version is deployed go on from
 * histories like these. To be run when a workflow was changed on purpose, with `patched` where
 * needed: for all of them, or for those that are named. Histories that only an older version could
 * leave, such as `booked-in-two-calls`, `booked-and-ended`, `cancelled-in-one-task`,
 * `cancelled-off-the-record`, `hold-cancelled-off-the-record`, `payment-retried-in-any-call`,
 * `flight-cancelled-and-refunded-apart` and `cancelled-after-sale`, stay as they are.
 */
const FOLDER = path.resolve(__dirname, '../tests/replay/histories');

/** The expired booking is waited for; the others have to be done by then. */
const PAYMENT_WINDOW_SECONDS = 8;

/** What is recorded of each: the booking's own workflow, unless another one is named. */
const STORIES: Record<string, (shop: Shop) => Promise<WorkflowHandle>> = {
  booked: async (shop) => {
    const sale = await shop.hold();
    await sale.pay();
    return sale.handle;
  },
  'itinerary-booked': async (shop) => {
    const { slices } = await putRoundTripOnSale(shop.db);
    const request = itineraryRequest(slices);
    await shop.reserve(request);
    const sale = shop.saleOf(request);
    await sale.pay(ROUND_TRIP_PRICE);
    return sale.handle;
  },
  'itinerary-expired': async (shop) => {
    const { slices } = await putRoundTripOnSale(shop.db);
    const request = itineraryRequest(slices);
    await shop.reserve(request);
    return shop.saleOf(request).handle;
  },
  'declined-then-booked': async (shop) => {
    const sale = await shop.hold();
    await sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
    await sale.pay();
    return sale.handle;
  },
  'paid-elsewhere': async (shop) => {
    const sale = await shop.hold();
    await sale.payExternally({ amount: 1 });
    await sale.payExternally();
    return sale.handle;
  },
  'paid-twice': async (shop) => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay();
    await capture.reached;
    await sale.payExternally();
    capture.letIn();
    await paying;
    return sale.handle;
  },
  'reports-recorded-in-batches': async (shop) => {
    const sale = await shop.hold();
    const few = Array.from({ length: 130 }, () => sale.payExternally({ amount: 1 }));
    await Promise.all([...few, sale.payExternally({ provider: 'sandbox' })]);
    await sale.payExternally();
    return sale.handle;
  },
  'report-of-silent-provider': async (shop) => {
    const sale = await shop.hold();
    shop.provider.lose('requests', 'find');
    await sale.payExternally({ provider: 'sandbox' });
    await sale.outcome();
    shop.provider.repair();
    return sale.handle;
  },
  'payment-events': async (shop) => {
    const sale = await shop.hold();
    for (let each = 0; each < 130; each += 1)
      await storePaymentEvent(shop.db, {
        ...transfer({ amount: 1 }),
        bookingId: sale.request.bookingId,
      });
    await shop.paymentWorkflows.announcePaymentEvents();
    return shop.env.client.workflow.getHandle(PAYMENT_EVENTS_WORKFLOW_ID);
  },
  amended: async (shop) => {
    const sale = await shop.hold();
    const { bookingId, customerId, flightId = '' } = sale.request;
    const passengerId = passengerIdOf(bookingId, 0);
    const by = { requestedBy: customerId, asOperator: false, fingerprint: 'fingerprint' };
    const seatIn = (seatNumber: string) => ({
      ...by,
      seats: [{ passengerId, flightId, seatNumber }],
    });
    await sale.handle.executeUpdate(chooseSeats, { args: [seatIn('1F')] });
    await sale.pay();
    await sale.handle.executeUpdate(correctName, {
      args: [{ ...by, passengerId, givenName: 'Adah' }],
    });
    await sale.handle.executeUpdate(chooseSeats, { args: [seatIn('9F')] }).catch(() => undefined);
    await shop.cancelSale(sale);
    return sale.handle;
  },
  'cancelled-by-customer': async (shop) => {
    const sale = await shop.hold();
    await sale.cancel();
    return sale.handle;
  },
  'cancelled-by-operator': async (shop) => {
    const sale = await shop.hold();
    await sale.handle.cancel();
    return sale.handle;
  },
  expired: async (shop) => (await shop.hold()).handle,
  refused: async (shop) => {
    const request = requestOf(await shop.flight({ departsInMinutes: 59 }));
    await shop.reserve(request);
    return shop.saleOf(request).handle;
  },
  'told-to-wait': async (shop) => {
    const { request } = await shop.hold();
    const { customerId } = request;
    const flight = await shop.flight();
    while ((await shop.reserve(requestOf(flight, { customerId }))).outcome === 'held');
    const refused = requestOf(flight, { customerId, startedBy: 'someone-who-asked' });
    await shop.reserve(refused);
    return shop.saleOf(refused).handle;
  },
  'cancelled-with-a-note': async (shop) => {
    const sale = await shop.hold();
    await sale.cancel({
      requestedBy: 'operator-1',
      asOperator: true,
      reason: 'The aircraft is changed.',
      note: 'Agreed with crew control.',
      expectedRefund: { amount: 0, currency: 'USD' },
    });
    return sale.handle;
  },
  'cancelled-after-booking': async (shop) => {
    const sale = await shop.sell();
    await shop.cancelSale(sale);
    return sale.handle;
  },
  'cancelled-with-the-second-quote': async (shop) => {
    const sale = await shop.sell();
    await shop.cancelSale(sale, { expectedRefund: { amount: 1, currency: 'USD' } });
    await shop.cancelSale(sale);
    return sale.handle;
  },
  'cancel-button-after-booking': async (shop) => {
    const sale = await shop.sell();
    await sale.handle.cancel();
    return sale.handle;
  },
  'paid-again-after-booking': async (shop) => {
    const sale = await shop.sell();
    await sale.payExternally();
    return sale.handle;
  },
  'restored-and-cancelled': async (shop) => {
    const sale = await shop.sell();
    await sale.handle.terminate();
    await shop.cancelSale(sale);
    return sale.handle;
  },
  'restored-and-departed': async (shop) => {
    const sale = await shop.sell();
    await sale.handle.terminate();
    const departure_at = new Date(Date.now() + 3_000);
    await shop
      .db('flights')
      .where({ id: sale.request.flightId ?? '' })
      .update({ departure_at });
    await shop.restore(sale);
    await sale.outcome();
    return sale.handle;
  },
  'cancelled-by-an-earlier-api': async (shop) => {
    const sale = await shop.sell();
    await shop.cancelSaleAsBefore(sale);
    const id = cancellationWorkflowId(sale.request.bookingId);
    return shop.env.client.workflow.getHandle(id);
  },
  refunded: async (shop) => refundOf(shop, await cancelledInVain(shop)),
  'refund-handed-over': async (shop) => (await cancelledInVain(shop)).handle,
  'refund-settled': async (shop) => {
    const refund = await refundForAPerson(shop);
    const settlement = { settledBy: 'operator-1', note: 'Returned by bank transfer' };
    await refund.executeUpdate(settleRefund, { args: [settlement] });
    return refund;
  },
  'payment-retried': async (shop) => {
    const sale = await shop.hold();
    const retry = () => sale.handle.executeUpdate(retryPayment, { args: [RETRY] });
    shop.provider.lose('requests', 'authorize', 'capture');
    const paying = sale.pay();
    await untilTriedAgain(sale.handle);
    await retry();
    shop.provider.repair();
    // This one comes while a try runs.
    const capture = shop.provider.pause('capture');
    await retry();
    await capture.reached;
    await retry();
    capture.letIn();
    await paying;
    return sale.handle;
  },
  'messages-passed-over': async (shop) => {
    const sale = await shop.hold();
    const raw = rawMessages(shop.env, sale.handle.workflowId);
    await raw.signal('paymentReceived', [payload('json/plain', '{bad')]);
    await raw.signal('hello', []);
    await sale.payExternally({ amount: 1 });
    await sale.pay();
    return sale.handle;
  },
  'refund-retried': async (shop) => {
    const refund = await refundForAPerson(shop);
    await refund.executeUpdate(retryRefund, { args: [RETRY] });
    const settlement = { settledBy: 'operator-1', note: 'Returned by bank transfer' };
    await refund.executeUpdate(settleRefund, { args: [settlement] });
    return refund;
  },
  ...CHANGES,
  ...SCHEDULE_CHANGES,
  ...SERVICES,
};

const RETRY = { requestedBy: 'operator-1', note: 'The provider is back.' };

/** The stories of these names; all of them, if none is named. */
function storiesFor(names: string[]) {
  const unknown = names.filter((name) => !(name in STORIES));
  if (unknown.length > 0) throw new Error(`There is no story ${unknown.join(', ')}.`);
  return Object.entries(STORIES).filter(([name]) => names.length === 0 || names.includes(name));
}

async function untilTriedAgain(workflow: WorkflowHandle): Promise<void> {
  const isWaiting = async () => {
    // It may not have been started yet.
    const description = await workflow.describe().catch(() => undefined);
    const pending = description?.raw.pendingActivities ?? [];
    return pending.some(({ attempt }) => (attempt ?? 0) > 3);
  };
  const onTimeout = () => new Error('The provider is never asked again');
  await waitUntil(isWaiting, { timeoutMs: 10_000, onTimeout });
}

/** A cancelled sale whose provider does not hear of its refund at once. */
async function cancelledInVain(shop: Shop): Promise<Sale> {
  const sale = await shop.sell();
  shop.provider.lose('requests', 'refund');
  await shop.cancelSale(sale);
  await untilTriedAgain(await refundOf(shop, sale));
  shop.provider.repair();
  await sale.outcome();
  return sale;
}

/** Money that pays for nothing, and that only a person can give back. */
async function refundForAPerson(shop: Shop): Promise<WorkflowHandle> {
  const sale = await shop.hold();
  await sale.payExternally({ amount: 1 });
  await waitUntil(async () => (await sale.refunds()).length > 0, {
    timeoutMs: 10_000,
    onTimeout: () => new Error('The money was never recorded'),
  });
  const refund = await refundOf(shop, sale);
  await waitUntil(() => isWaiting(refund), {
    timeoutMs: 10_000,
    onTimeout: () => new Error('The refund never waits for a person'),
  });
  return refund;
}

async function refundOf(shop: Shop, sale: Sale) {
  const [payment] = await sale.payments();
  return refundIn(shop.env, payment?.id ?? '');
}

/** Nothing is done then, for days or months. */
const RESTING: BookingState['activity'][] = ['awaiting_departure', 'awaiting_response'];

/**
 * Waits until a workflow has ended, or, of a sold booking, until nothing is left to do before its
 * departure. Returns its result or state. Some fail, so that another run may begin.
 */
async function untilItRests(workflow: WorkflowHandle): Promise<unknown> {
  return untilSeen(async () => {
    const { status, type } = await workflow.describe();
    if (status.name !== 'RUNNING') {
      const result: unknown = await workflow.result().catch(String);
      return result ?? null;
    }
    if (type !== BOOKING_WORKFLOW) return undefined;
    const state = await workflow.query(bookingState);
    const isSettled = state.externalPayments.every((payment) => payment.status !== 'waiting');
    return isSettled && RESTING.includes(state.activity) ? state : undefined;
  });
}

async function isWaiting(refund: WorkflowHandle): Promise<boolean> {
  const state = await refund.query(refundState).catch(() => undefined);
  return state?.status === 'needs_operator';
}

async function main(): Promise<void> {
  await globalSetup();
  const shop = await openShop(devServerEnvironment, {
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
  });
  try {
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, story] of storiesFor(process.argv.slice(2))) {
      const workflow = await story(shop);
      const outcome = await untilItRests(workflow);
      writeFileSync(
        path.join(FOLDER, `${name}.json`),
        formatHistory(await workflow.fetchHistory()),
      );
      console.log(`${name}: ${JSON.stringify(outcome)}`);
    }
  } finally {
    await shop.close();
    await globalTeardown();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
