import { v5 as uuidv5 } from 'uuid';
import { scenariosByFlight } from '../../activities/flight-schedule/scenario-departures';
import type { Db } from '../../db/connection';
import { requireOffers } from '../../db/flights/offer-view';
import { findBookingsOn, type BookingOnFlight } from '../../db/flights/scenario-view';
import { MOVED_BY_MS, type Scenario } from '../../domain/flight-schedule/scenario-flights';
import { bookingStart } from '../../temporal/clients/booking-start';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { ScheduleChangeWorkflows } from '../../temporal/clients/schedule-changes';
import type { BookingRequest } from '../../temporal/contracts/booking';
import type { ScheduleChangeOrder } from '../../temporal/contracts/schedule-change';

export interface SandboxAirline {
  db: Db;
  /** How many days are on sale. */
  scheduleDays: number;
  bookingWorkflows: Pick<BookingWorkflows, 'reserve'>;
  scheduleChanges: Pick<ScheduleChangeWorkflows, 'change'>;
}

/** Random namespace: what is done to a flight, or on it, is done once. */
const SCENARIOS = 'a2f4e0b3-5c0a-4e0e-9f5e-0d3f1a3b7c61';

/** Who orders the schedule changes. */
const AIRLINE = 'sandbox-airline';
const OTHER_PASSENGER = 'sandbox-passenger-';

/** What the airline and other passengers do. */
const PLAYED: readonly Scenario[] = ['is_cancelled', 'is_moved', 'seats_go'];

/** So long after a booking other passengers still come for its flight, in milliseconds. */
const OTHERS_COME_MS = 2 * 60 * 1000;

/** Others have their seat within this time, in milliseconds, or not now. */
const HELD_WITHIN_MS = 3_000;

/**
 * Looks at the flights that are there to be tried out, and does what the airline and the other
 * passengers do to them by now: one schedule change of each flight, one more seat of another.
 *
 * It does so as anyone does: by the workflow of schedule changes, and by bookings. Safe to repeat,
 * and from several workers at once: all IDs derive from the flight.
 */
export async function playAirline(airline: SandboxAirline): Promise<void> {
  const scenarios = scenariosByFlight(new Date(), airline.scheduleDays);
  const played = [...scenarios].filter(([, scenario]) => PLAYED.includes(scenario));
  const bookings = await findBookingsOn(
    airline.db,
    played.map(([flightId]) => flightId),
  );
  const bookingsOf = (scenario: Scenario) =>
    bookings.filter(({ flightId }) => scenarios.get(flightId) === scenario);
  for (const flight of onceEach(bookingsOf('is_cancelled'), isPaidAndAsPlanned))
    await disrupt(airline, flight, { kind: 'cancelled', reason: 'The aircraft needs a repair.' });
  for (const flight of onceEach(bookingsOf('is_moved'), isPaidAndAsPlanned))
    await disrupt(airline, flight, {
      kind: 'moved',
      departureAt: later(flight.departureAt),
      arrivalAt: later(flight.arrivalAt),
      reason: 'The crew needs a rest.',
    });
  for (const flight of onceEach(bookingsOf('seats_go'), isSoughtAfter))
    await takeSeat(airline, flight);
}

function isPaidAndAsPlanned({ bookingStatus, flightStatus }: BookingOnFlight): boolean {
  return bookingStatus === 'booked' && flightStatus === 'scheduled';
}

function isSoughtAfter({ customerId, bookedAt, freeSeats }: BookingOnFlight): boolean {
  const isNew = Date.now() < bookedAt.getTime() + OTHERS_COME_MS;
  return isNew && freeSeats > 0 && !customerId.startsWith(OTHER_PASSENGER);
}

/** Returns the first fitting booking of each flight. */
function onceEach(
  bookings: readonly BookingOnFlight[],
  fits: (booking: BookingOnFlight) => boolean,
): BookingOnFlight[] {
  const first = new Map<string, BookingOnFlight>();
  for (const booking of bookings.filter(fits))
    if (!first.has(booking.flightId)) first.set(booking.flightId, booking);
  return [...first.values()];
}

function later(instant: Date): string {
  return new Date(instant.getTime() + MOVED_BY_MS).toISOString();
}

async function disrupt(
  { scheduleChanges }: SandboxAirline,
  { flightId, flightNumber }: BookingOnFlight,
  change: Pick<ScheduleChangeOrder, 'kind' | 'departureAt' | 'arrivalAt' | 'reason'>,
): Promise<void> {
  const scheduleChangeId = uuidv5(`${change.kind}/${flightId}`, SCENARIOS);
  const order = { scheduleChangeId, flightId, requestedBy: AIRLINE, fingerprint: AIRLINE };
  await scheduleChanges.change({ ...order, ...change }, flightNumber);
}

/** Holds a seat for somebody who has no other, and lets it go at its deadline. */
async function takeSeat(
  { db, bookingWorkflows }: SandboxAirline,
  { flightId, bookingId: before, freeSeats }: BookingOnFlight,
): Promise<void> {
  const bookingId = uuidv5(`${flightId}/${before}/${String(freeSeats)}`, SCENARIOS);
  const request: BookingRequest = {
    bookingId,
    customerId: `${OTHER_PASSENGER}${bookingId}`,
    flightId,
    cabin: 'economy',
    passengers: [{ familyName: 'Passenger', type: 'adult' }],
    contactEmail: null,
    idempotencyKey: null,
    fingerprint: OTHER_PASSENGER,
  };
  const offers = await requireOffers(db, [[flightId]], 'economy');
  await bookingWorkflows.reserve(bookingStart(request, offers), { withinMs: HELD_WITHIN_MS });
}
