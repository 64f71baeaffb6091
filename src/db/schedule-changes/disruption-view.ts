import type { Booking } from '../../domain/booking';
import type { Disruption } from '../../domain/cancellation';
import { segmentsOf } from '../../domain/itinerary';
import type { PaidSegment } from '../../domain/schedule-change-offer';
import { readKnownBooking } from '../bookings/booking-view';
import type { Db } from '../connection';
import { offerTerms, type AcceptedTimes } from './offer-terms';

/**
 * Returns what a schedule change entitles a booking to, if it is significant and nobody has
 * responded to it; else null. It counts from the moment when the flight is changed, before the
 * booking is told.
 */
export async function readDisruption(db: Db, bookingId: string): Promise<Disruption | null> {
  const open = await db('booking_schedule_changes')
    .where({ booking_id: bookingId })
    .whereNot({ state: 'settled' })
    .orderBy('sequence', 'desc')
    .first('schedule_change_id', 'accepted_times');
  if (open === undefined) return null;
  const booking = await readKnownBooking(db, bookingId);
  if (booking.status !== 'booked') return null;
  const times = open.accepted_times as AcceptedTimes[];
  const { isSignificant, before } = offerTerms(booking, times, new Date());
  if (!isSignificant) return null;
  return {
    scheduleChangeId: open.schedule_change_id,
    segments: await paidSegments(db, booking, times),
    departures: before.map(({ departureAt }) => new Date(departureAt)),
  };
}

/** Returns the flights of a booking with what was paid for them, and which nobody could use. */
export async function paidSegments(
  db: Db,
  booking: Booking,
  acceptedTimes: readonly AcceptedTimes[],
): Promise<(PaidSegment & { flightId: string })[]> {
  const amounts = await readAmounts(db, booking);
  const untold = new Set(await listUntoldDepartures(db, booking.id));
  const expected = new Map(
    acceptedTimes.map(({ flightId, departureAt }) => [flightId, Date.parse(departureAt)]),
  );
  return segmentsOf(booking).map(({ id, departureAt, status }) => {
    const isEarlier = Date.parse(departureAt) < (expected.get(id) ?? 0);
    return {
      flightId: id,
      amount: amounts.get(id) ?? 0,
      departureAt: new Date(departureAt),
      isUnusable: status === 'cancelled' || (isEarlier && untold.has(id)),
    };
  });
}

/**
 * Returns the flights of a booking that were moved, and of whose new departure its owner was not
 * told before it. Whoever is told of it in time must respond by then: see `respondBy`.
 */
async function listUntoldDepartures(db: Db, bookingId: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `SELECT f.id
     FROM booking_schedule_changes o
     JOIN schedule_changes c ON c.id = o.schedule_change_id
     JOIN flights f ON f.id = c.flight_id AND f.departure_at = c.new_departure_at
     WHERE o.booking_id = :bookingId AND NOT EXISTS (
       SELECT FROM booking_schedule_changes told
       WHERE told.booking_id = o.booking_id AND told.sequence >= o.sequence
         AND told.respond_by <= f.departure_at)`,
    { bookingId },
  );
  return rows.map(({ id }) => id);
}

/**
 * Returns the times of a booking's flights that a person accepted last, if a schedule change came
 * since that no person has accepted; else undefined: then they are the present ones.
 */
export async function readUnanswered(
  db: Db,
  bookingId: string,
): Promise<AcceptedTimes[] | undefined> {
  const { rows } = await db.raw<{ rows: { accepted_times: AcceptedTimes[] | null }[] }>(
    `SELECT known.accepted_times FROM bookings b CROSS JOIN LATERAL (${UNANSWERED_TIMES}) known
     WHERE b.id = :bookingId`,
    { bookingId },
  );
  return rows[0]?.accepted_times ?? undefined;
}

/**
 * Of a booking `b`: the times that a person accepted last, NULL where that are the present ones. No
 * row where it never had a schedule change.
 *
 * An open one knows them even where a later one is settled: see `settleByChange`.
 */
export const UNANSWERED_TIMES = `
  SELECT CASE WHEN o.decided_by = 'person' AND o.outcome IN ('accepted', 'changed')
    THEN NULL ELSE o.accepted_times END AS accepted_times
  FROM booking_schedule_changes o WHERE o.booking_id = b.id
  ORDER BY o.state = 'settled', o.sequence DESC LIMIT 1`;

/** The price of each flight for the whole party: of a booking of one flight, all of it. */
async function readAmounts(db: Db, booking: Booking): Promise<Map<string, number>> {
  const rows = await db('booking_segments')
    .where({ booking_id: booking.id })
    .select('flight_id', 'base_amount', 'taxes_amount', 'fees_amount');
  if (rows.length === 0) return new Map([[booking.flight.id, booking.price.amount]]);
  return new Map(
    rows.map((row) => [row.flight_id, row.base_amount + row.taxes_amount + row.fees_amount]),
  );
}
