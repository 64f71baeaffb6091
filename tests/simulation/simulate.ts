import './virtual-time';
import { randomFrom } from '../support/random';
import { bookingsModel } from './bookings-model';
import { judge } from './judge';
import { paymentsModel } from './payments-model';
import type { Moment, Plan, Sent } from './plan';
import { SimulatedTemporal } from './temporal';
import {
  BOOKING_ID,
  CURRENCY,
  CUSTOMER_ID,
  DEPARTS_AT,
  HOUR_MS,
  PRICE,
  STARTED_AT,
  WINDOW_MS,
  World,
} from './world';

const MOMENTS: Record<Moment, number> = {
  request: STARTED_AT,
  deadline: STARTED_AT + WINDOW_MS,
  sale: STARTED_AT + HOUR_MS,
  response: STARTED_AT + 4 * HOUR_MS,
  departure: DEPARTS_AT,
};

type Workflow = (input: never) => Promise<unknown>;

/** What became of a booking. */
export interface Ended {
  status: string;
  replays: number;
  /** Each rule that was broken, in words. */
  findings: string[];
}

/** Plays one plan: the workflow against the models, and judges what became of it. */
export async function simulate(workflow: Workflow, plan: Plan): Promise<Ended> {
  const random = randomFrom(plan.seed);
  const world = new World(random);
  const bookings = bookingsModel(world, plan);
  const payments = paymentsModel(world, bookings);
  const activities = { ...bookings.activities, ...payments.activities };
  const temporal = new SimulatedTemporal(workflow, BOOKING_ID, world, activities, {
    random,
    ...plan,
  });
  for (const [index, sent] of plan.sent.entries())
    temporal.at(MOMENTS[sent.at] + sent.afterMs, () => {
      send(temporal, world, sent, index);
    });
  temporal.update('reservation', 'awaitReservation', undefined);
  temporal.start(REQUEST);
  refundMeanwhile(temporal, world, payments.reverse);
  try {
    await temporal.play();
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : String(failure);
    return { status: 'broken', replays: temporal.replays, findings: [said] };
  }
  const { replays } = temporal;
  return {
    status: world.booking?.status ?? 'none',
    replays,
    findings: judge(world, temporal, plan),
  };
}

const REQUEST = {
  bookingId: BOOKING_ID,
  customerId: CUSTOMER_ID,
  flightId: '00000000-0000-4000-8000-00000000000a',
  cabin: 'economy',
  passengers: [{ familyName: 'Lovelace', type: 'adult' }],
  contactEmail: null,
  idempotencyKey: 'key',
  fingerprint: 'f',
};

/** The refund workflows: each returns what it was handed, some time later. */
function refundMeanwhile(
  temporal: SimulatedTemporal,
  world: World,
  reverse: (paymentId: string) => Generator<void, unknown>,
): void {
  const look = () => {
    for (const id of world.handedOver) {
      const row = world.payments.get(id);
      if (row !== undefined && world.isUnderWay(row)) {
        try {
          for (const _ of reverse(id));
        } catch {
          // The next look finds it.
        }
      }
    }
    for (const refund of world.refunds) {
      if (
        refund.status === 'succeeded' ||
        !world.handedOver.has(refund.refundId ?? refund.paymentId)
      )
        continue;
      world.sendBack(refund);
    }
  };
  for (const after of [1, 2, 3, 5, 8, 20, 40, 65, 90, 240, 360, 48 * 60, 50 * 60, 60 * 60])
    temporal.at(STARTED_AT + after * 60_000, look);
  world.refundAll = look;
}

function send(temporal: SimulatedTemporal, world: World, sent: Sent, index: number): void {
  const id = `0000000${index}-0000-4000-8000-000000000000`;
  switch (sent.kind) {
    case 'pay': {
      world.cards.set(id, sent.card);
      const amount = sent.isRightAmount ? PRICE : PRICE + 1;
      const payment = {
        paymentId: id,
        customerId: CUSTOMER_ID,
        idempotencyKey: id,
        fingerprint: 'f',
      };
      const card = { amount, currency: CURRENCY, paymentMethod: sent.card };
      temporal.update(`payment-${id}`, 'makePayment', { ...payment, ...card });
      return;
    }
    case 'cancel': {
      const asOperator = sent.by === 'operator';
      const requestedBy = sent.by === 'owner' ? CUSTOMER_ID : sent.by;
      const amount = sent.expects === 'zero' ? 0 : PRICE - 2_000;
      temporal.update(`cancel-${id}`, 'cancelBooking', {
        ...{ requestedBy, asOperator },
        ...(asOperator ? { note: 'why' } : {}),
        ...(sent.expects === 'nothing' ? {} : { expectedRefund: { amount, currency: CURRENCY } }),
      });
      return;
    }
    case 'change':
      if (sent.card !== 'none') world.cards.set(id, sent.card);
      temporal.update(`change-${id}`, 'changeBooking', {
        ...{ changeId: id, quoteId: id, requestedBy: CUSTOMER_ID, asOperator: false },
        ...{ idempotencyKey: id, fingerprint: 'f' },
        ...(sent.card === 'none' ? {} : { paymentMethod: sent.card }),
      });
      return;
    case 'report': {
      const amount = sent.isRightAmount ? PRICE : PRICE - 1;
      const { provider, payment } = sent;
      const providerPaymentId = `${provider}-${payment}`;
      if (!world.elsewhere.has(providerPaymentId))
        world.elsewhere.set(providerPaymentId, { amount, returned: 0 });
      const { amount: taken } = world.elsewhere.get(providerPaymentId) ?? { amount };
      const report = { amount: taken, currency: CURRENCY, provider, providerPaymentId };
      if (temporal.isOver) world.elsewhere.delete(providerPaymentId);
      temporal.signal('paymentReceived', report);
      return;
    }
    case 'disrupt': {
      const { booking } = world;
      if (booking === undefined || booking.status === 'cancelled') return;
      const { isCancelled } = sent;
      const isSignificant = isCancelled || sent.isSignificant;
      world.offers.push({ id, state: 'untold', isCancelled, isSignificant });
      const change = world.changes.get(booking.pendingChangeId ?? '');
      if (change !== undefined) change.flightChanged = world.random() < 0.5;
      const tell = () => {
        temporal.signal('scheduleChanged', { scheduleChangeId: id });
      };
      temporal.at(world.now + Math.floor(world.random() * 100), tell);
      return;
    }
    case 'accept': {
      const asOperator = sent.by === 'operator';
      const requestedBy = asOperator ? 'operator' : CUSTOMER_ID;
      temporal.update(`accept-${id}`, 'acceptScheduleChange', { requestedBy, asOperator });
      return;
    }
    case 'correct_name':
      temporal.update(`name-${id}`, 'correctName', {
        ...{ passengerId: id, requestedBy: CUSTOMER_ID, asOperator: false },
        ...{ fingerprint: id, familyName: 'Byron' },
      });
      return;
    case 'provider_event':
      temporal.signal('paymentUpdated');
      return;
    case 'retry':
      temporal.update(`retry-${id}`, 'retryPayment', { requestedBy: 'operator', note: 'why' });
      return;
    case 'temporal_cancel':
      temporal.cancel();
      return;
    case 'rival':
      world.rivalBuys(sent.flightId);
      return;
    case 'terminate':
      // Only the workflow of a sold booking is taken up again, by reconciliation.
      if (temporal.isOver || world.booking?.status !== 'booked') return;
      temporal.terminate();
      temporal.at(world.now + 60_000, () => {
        temporal.outcome = undefined;
        temporal.start({ bookingId: BOOKING_ID, customerId: CUSTOMER_ID, restored: true });
      });
      return;
    default:
      throw new Error(`Bug: ${String(sent satisfies never)} can't be sent`);
  }
}
