import type { Agenda } from './agenda';
import { RESTORED } from './send';
import type { SimulatedTemporal } from './temporal';
import { BOOKING_ID, DEPARTS_AT, HOUR_MS, MINUTE_MS, STARTED_AT, type World } from './world';

const EVERY_MS = 30 * MINUTE_MS;

/** Until whatever was begun before the departure is over. */
const ENDS_AT = DEPARTS_AT + 4 * HOUR_MS;

/**
 * Reconciliation, twice an hour. It has what the database knows, and the booking's workflow has never
 * heard of, taken up: a change that is pending for long, a sale that is cancelled.
 */
export function reconcile(temporal: SimulatedTemporal, agenda: Agenda, world: World): void {
  const id = `booking-${BOOKING_ID}`;
  const look = () => {
    const { booking } = world;
    const running = temporal.running(id);
    const change = world.changes.get(booking?.pendingChangeId ?? '');
    if (change !== undefined && world.now >= change.paymentRequiredBy) {
      if (running === undefined) temporal.startOrJoin('bookingWorkflow', id, RESTORED);
      else running.update(`begin-anew-${world.now}`, 'beginAnew', undefined);
    }
    const wasSold = [...world.payments.values()].some(({ applied }) => applied);
    if (booking?.status === 'cancelled' && wasSold) running?.cancel();
  };
  for (let at = STARTED_AT; at < ENDS_AT; at += EVERY_MS) agenda.at(at, look);
}
