import type { ScheduleChangeOrder } from '../../src/temporal/contracts/schedule-change';
import { BOOKING_ID, Fault, flightOf, refusal, type Flight, type World } from './world';

/** What the database does with flights that the airline changes, as a model. */
export function scheduleModel(world: World, isSignificant: (scheduleChangeId: string) => boolean) {
  const applied = new Map<string, Flight>();

  /** The booking is affected if it has a seat on the flight then. */
  function list(id: string, flight: Flight, isCancelled: boolean): void {
    const { booking } = world;
    if (booking === undefined || booking.status === 'cancelled') return;
    if (!booking.flights.includes(flight)) return;
    const isLarge = isCancelled || isSignificant(id);
    world.offers.push({ id, state: 'untold', isCancelled, isSignificant: isLarge });
  }

  return {
    applyScheduleChange({ scheduleChangeId: id, flightId, kind }: ScheduleChangeOrder) {
      if (applied.has(id)) return;
      const flight = flightOf(flightId);
      if (world.cancelledFlights.has(flight)) throw refusal('schedule_change_closed');
      if (world.now >= world.departsAt) throw refusal('flight_departed');
      applied.set(id, flight);
      if (kind === 'cancelled') world.cancelledFlights.add(flight);
      const change = world.changes.get(world.booking?.pendingChangeId ?? '');
      if (change?.flight === flight) change.flightChanged = true;
      list(id, flight, kind === 'cancelled');
    },

    tellBookings(id: string, after: string | null) {
      if (world.random() < 0.1) throw new Fault('others_are_told');
      const isAffected = world.offers.some((offer) => offer.id === id);
      if (!isAffected || after !== null) return { told: 0, failed: 0, last: null };
      const isTold = world.tellBooking(id);
      return { told: isTold ? 1 : 0, failed: isTold ? 0 : 1, last: BOOKING_ID };
    },
  };
}
