import type { Booking } from '../../domain/booking';
import type { Disruption } from '../../domain/cancellation';
import { segmentsOf } from '../../domain/itinerary';
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
  const amounts = await readAmounts(db, booking);
  return {
    scheduleChangeId: open.schedule_change_id,
    segments: segmentsOf(booking).map(({ id, departureAt, status }) => ({
      amount: amounts.get(id) ?? 0,
      departureAt: new Date(departureAt),
      isCancelled: status === 'cancelled',
    })),
    departures: before.map(({ departureAt }) => new Date(departureAt)),
  };
}

/**
 * Returns the times of a booking's flights that a person accepted last, if a schedule change came
 * since that no person has accepted; else undefined: then they are the present ones.
 */
export async function readUnanswered(
  db: Db,
  bookingId: string,
): Promise<AcceptedTimes[] | undefined> {
  const latest = await db('booking_schedule_changes')
    .where({ booking_id: bookingId })
    .orderBy('sequence', 'desc')
    .first('outcome', 'decided_by', 'accepted_times');
  const isAnswered =
    latest?.decided_by === 'person' && ['accepted', 'changed'].includes(latest.outcome ?? '');
  return isAnswered ? undefined : (latest?.accepted_times as AcceptedTimes[] | undefined);
}

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
