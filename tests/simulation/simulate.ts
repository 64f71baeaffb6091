import './virtual-time';
import { refundWorkflow } from '../../src/workflows/refund/workflow';
import { scheduleChangeWorkflow } from '../../src/workflows/schedule-change/workflow';
import { randomFrom } from '../support/random';
import { Agenda } from './agenda';
import { bookingsModel } from './bookings-model';
import { judge } from './judge';
import { operatorsLook } from './operators';
import { paymentsModel } from './payments-model';
import type { Moment, Plan } from './plan';
import { reconcile } from './reconciliation';
import { refundsModel } from './refunds-model';
import { scheduleModel } from './schedule-model';
import { RESTORED, send } from './send';
import { SimulatedTemporal, type Definitions } from './temporal';
import type { Activities, Terms } from './terms';
import type { Workflow } from './workflow-run';
import {
  BOOKING_ID,
  CUSTOMER_ID,
  DEPARTS_AT,
  flightIdOf,
  HOUR_MS,
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

/** What became of a booking. */
export interface Ended {
  status: string;
  replays: number;
  /** Each rule that was broken, in words. */
  findings: string[];
}

/**
 * Plays one plan: the booking's workflow, and those of its refunds and schedule changes, against the
 * models; and judges what became of it.
 */
export async function simulate(workflow: Workflow, plan: Plan): Promise<Ended> {
  const world = new World(randomFrom(plan.seed));
  const agenda = new Agenda(world);
  const activities = modelsOf(world, plan);
  const terms: Terms = { ...plan, world, agenda, activities, random: world.random };
  const definitions: Definitions = {
    bookingWorkflow: workflow,
    refundWorkflow,
    scheduleChangeWorkflow,
  };
  const temporal = new SimulatedTemporal(definitions, terms);
  connect(world, temporal, agenda);
  const booking = temporal.startOrJoin('bookingWorkflow', `booking-${BOOKING_ID}`, requestOf(plan));
  booking.update('reservation', 'awaitReservation', undefined);
  for (const [index, sent] of plan.sent.entries())
    agenda.at(MOMENTS[sent.at] + sent.afterMs, () => {
      send({ temporal, agenda, world }, sent, index);
    });
  operatorsLook(temporal, agenda, world);
  if (needsReconciliation(plan)) reconcile(temporal, agenda, world);
  try {
    await temporal.play();
    if (plan.looksBack !== false) await temporal.lookBack();
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : String(failure);
    return { status: 'broken', replays: temporal.replays, findings: [said] };
  }
  return {
    status: world.booking?.status ?? 'none',
    replays: temporal.replays,
    findings: judge(world, booking, temporal, plan),
  };
}

/**
 * Of a run that was terminated an activity may go on, and take effect after the next one has read the
 * booking; a message that is lost may have taken effect. Nothing else leaves anything undone.
 */
function needsReconciliation({ losesMessages = false, sent }: Plan): boolean {
  return losesMessages || sent.some(({ kind }) => kind === 'terminate');
}

function modelsOf(world: World, plan: Plan): Activities {
  const bookings = bookingsModel(world, plan);
  const { activities, ...payments } = paymentsModel(world, bookings);
  const isSignificant = (id: string) =>
    plan.sent.some(
      (sent, index) =>
        sent.kind === 'disrupt' && sent.isSignificant && id.startsWith(`0000000${index}`),
    );
  return {
    ...bookings.activities,
    ...activities,
    ...refundsModel(world, payments),
    ...scheduleModel(world, isSignificant),
  };
}

/** Far longer than any notice takes: reconciliation tells again what was not told. */
const TOLD_AGAIN_AFTER_MS = 10 * 60_000;

/** What activities start, or tell, is in the same Temporal. */
function connect(world: World, temporal: SimulatedTemporal, agenda: Agenda): void {
  world.startRefund = (paymentId, refundId) => {
    const request = { paymentId, ...(refundId === undefined ? {} : { refundId }) };
    temporal.startOrJoin('refundWorkflow', `refund-${refundId ?? paymentId}`, request);
  };
  const tell = (scheduleChangeId: string): boolean => {
    const id = `booking-${BOOKING_ID}`;
    if (world.booking?.status === 'cancelled') {
      world.settleOffers('cancelled', 'system');
      return true;
    }
    if (world.booking?.status === 'booked') temporal.startOrJoin('bookingWorkflow', id, RESTORED);
    const booking = temporal.running(id);
    booking?.signal('scheduleChanged', { scheduleChangeId });
    return booking !== undefined;
  };
  world.tellBooking = (scheduleChangeId) => {
    const isLost = world.random() < 0.1;
    const isTold = !isLost && tell(scheduleChangeId);
    if (!isTold)
      agenda.at(world.now + TOLD_AGAIN_AFTER_MS, () => {
        tell(scheduleChangeId);
      });
    return isTold;
  };
}

function requestOf({ flights }: Plan) {
  const ids = { 1: [flightIdOf('A')], 2: [flightIdOf('A'), flightIdOf('C')] }[flights];
  return {
    bookingId: BOOKING_ID,
    customerId: CUSTOMER_ID,
    ...(flights === 1 ? { flightId: ids[0] } : { slices: ids.map((id) => ({ flightIds: [id] })) }),
    cabin: 'economy',
    passengers: [{ familyName: 'Lovelace', type: 'adult' }],
    contactEmail: null,
    idempotencyKey: 'key',
    fingerprint: 'f',
  };
}
