import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import {
  acceptScheduleChange,
  scheduleChangeWorkflowId,
  type ScheduleChangeOrder,
} from '../../src/temporal/contracts/schedule-change';
import { stateOf, type Sale, type Shop } from '../../tests/support/shop';
import { make, quotedBy, sellRoundTrip } from './changed-sales';

/** Flights that are cancelled or moved, one history for each way that a booking of them can end. */
export const SCHEDULE_CHANGES: Record<string, (shop: Shop) => Promise<WorkflowHandle>> = {
  'schedule-change': async (shop) => {
    const flight = await shop.flight();
    await Promise.all([1, 2, 3].map(() => shop.sell({ on: flight })));
    return cancelFlight(shop, flight.id);
  },
  'schedule-change-refused': async (shop) => {
    const flight = await shop.flight();
    await cancelFlight(shop, flight.id);
    const order = orderFor(flight.id);
    await shop.scheduleChanges.change(order).catch(() => undefined);
    return workflowOf(shop, order);
  },
  'flight-cancelled': async (shop) => {
    const { sale, flightId } = await sellLate(shop);
    await cancelFlight(shop, flightId);
    await sale.outcome();
    return sale.handle;
  },
  'flight-cancelled-and-booking-cancelled': async (shop) => {
    const { sale, flightId } = await sell(shop);
    await cancelFlight(shop, flightId);
    await untilOffered(sale);
    await shop.cancelSale(sale);
    await sale.outcome();
    return sale.handle;
  },
  'flight-cancelled-before-payment': async (shop) => {
    const flight = await shop.flight();
    const sale = await shop.hold({ on: flight });
    await cancelFlight(shop, flight.id);
    await sale.outcome();
    return sale.handle;
  },
  'flight-cancelled-during-payment': async (shop) => {
    const flight = await shop.flight();
    const sale = await shop.hold({ on: flight });
    const authorization = shop.provider.pause('authorize');
    const paying = sale.pay();
    await authorization.reached;
    await cancelFlight(shop, flight.id);
    authorization.letIn();
    await paying;
    await untilOffered(sale);
    return sale.handle;
  },
  'flight-moved-and-accepted': async (shop) => {
    const { sale, flightId } = await sell(shop);
    await moveFlight(shop, flightId, 10 * HOUR_MS);
    await untilOffered(sale);
    await accept(sale);
    return sale.handle;
  },
  'flight-moved-a-little': async (shop) => {
    const { sale, flightId } = await sellLate(shop);
    await moveFlight(shop, flightId, 2_000);
    await sale.outcome();
    return sale.handle;
  },
  'flight-moved-twice': async (shop) => {
    const { sale, flightId } = await sell(shop);
    await moveFlight(shop, flightId, HOUR_MS);
    await untilOffered(sale);
    await moveFlight(shop, flightId, 9 * HOUR_MS);
    await untilOffered(sale);
    await accept(sale);
    return sale.handle;
  },
  'flight-cancelled-of-a-lost-run': async (shop) => {
    const { sale, flightId } = await sell(shop);
    await sale.handle.terminate();
    await cancelFlight(shop, flightId);
    await untilOffered(sale);
    return sale.handle;
  },
  'disrupted-then-changed': async (shop) => {
    const { sale, exchanges, flightIds } = await sellRoundTrip(shop);
    await cancelFlight(shop, flightIds[3] ?? '');
    await untilOffered(sale);
    await make(sale, await quotedBy(shop, sale, exchanges));
    return sale.handle;
  },
  'changed-then-disrupted': async (shop) => {
    const { sale, exchanges } = await sellRoundTrip(shop);
    await make(sale, await quotedBy(shop, sale, exchanges));
    await cancelFlight(shop, exchanges[0]?.flightIds[0] ?? '');
    await untilOffered(sale);
    await shop.cancelSale(sale);
    await sale.outcome();
    return sale.handle;
  },
};

const HOUR_MS = 60 * 60_000;

/** Takes a flight off sale. Returns the workflow that does so, once it has told every booking. */
export async function cancelFlight(shop: Shop, flightId: string): Promise<WorkflowHandle> {
  return carryOut(shop, orderFor(flightId));
}

async function moveFlight(shop: Shop, flightId: string, laterByMs: number): Promise<void> {
  const flight = await shop.db('flights').where({ id: flightId }).first();
  if (flight === undefined) throw new Error(`There is no flight ${flightId}`);
  const moved = (instant: Date) => new Date(instant.getTime() + laterByMs).toISOString();
  await carryOut(shop, {
    ...orderFor(flightId),
    kind: 'moved',
    departureAt: moved(flight.departure_at),
    arrivalAt: moved(flight.arrival_at),
  });
}

function orderFor(flightId: string): ScheduleChangeOrder {
  return {
    scheduleChangeId: randomUUID(),
    flightId,
    kind: 'cancelled',
    reason: 'Fog.',
    requestedBy: 'operator-1',
    fingerprint: 'fingerprint',
  };
}

async function carryOut(shop: Shop, order: ScheduleChangeOrder): Promise<WorkflowHandle> {
  await shop.scheduleChanges.change(order);
  const workflow = workflowOf(shop, order);
  await workflow.result();
  return workflow;
}

function workflowOf(shop: Shop, { scheduleChangeId }: ScheduleChangeOrder): WorkflowHandle {
  return shop.env.client.workflow.getHandle(scheduleChangeWorkflowId(scheduleChangeId));
}

async function sell(shop: Shop): Promise<{ sale: Sale; flightId: string }> {
  const flight = await shop.flight();
  return { sale: await shop.sell({ on: flight }), flightId: flight.id };
}

/** A sold booking whose flight leaves in seconds: so long its customer has to respond. */
async function sellLate(shop: Shop): Promise<{ sale: Sale; flightId: string }> {
  const sold = await sell(shop);
  const departure_at = new Date(Date.now() + 6_000);
  const arrival_at = new Date(departure_at.getTime() + 6 * HOUR_MS);
  await shop.db('flights').where({ id: sold.flightId }).update({ departure_at, arrival_at });
  return sold;
}

const untilOffered = (sale: Sale) =>
  stateOf(sale, ({ activity }) => activity === 'awaiting_response');

async function accept(sale: Sale): Promise<void> {
  await sale.handle.executeUpdate(acceptScheduleChange, {
    args: [{ requestedBy: sale.request.customerId, asOperator: false }],
  });
}
