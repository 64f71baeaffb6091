import type { BookedSlice, Booking } from '../../domain/booking';
import { sliceOf, slicesOf } from '../../domain/itinerary';
import type { Money } from '../../domain/money';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import { isSignificant } from '../../domain/schedule-change-offer';
import { readKnownBooking } from '../bookings/booking-view';
import type { Db } from '../connection';
import { readUnanswered } from './disruption-view';
import { asAccepted } from './offer-terms';

/** What a schedule change would do to the bookings of a flight. */
export interface ScheduleChangePreview {
  /** Bookings that are not paid for: they would end. */
  unpaid: number;
  /** Bookings that are paid for: their owners would get an offer. */
  paid: number;
  /** Those of them that may have all of their money back. */
  refundable: number;
  /** What these were paid, by currency: it goes back if nobody accepts. */
  refunds: Money[];
}

/** Returns what a schedule change would do now. Changes nothing. */
export async function previewScheduleChange(
  db: Db,
  flightId: string,
  change: ScheduleChangeRequest,
): Promise<ScheduleChangePreview> {
  const ids = await db('seats')
    .where({ flight_id: flightId })
    .whereNotNull('booking_id')
    .distinct('booking_id')
    .pluck<string[]>('booking_id');
  const preview: ScheduleChangePreview = { unpaid: 0, paid: 0, refundable: 0, refunds: [] };
  const amounts = new Map<string, number>();
  for (const id of ids) {
    const booking = await readKnownBooking(db, id);
    if (booking.status !== 'booked') {
      preview.unpaid += 1;
      continue;
    }
    preview.paid += 1;
    if (!(await wouldBeSignificant(db, booking, { flightId, change }))) continue;
    preview.refundable += 1;
    const { amount, currency } = booking.price;
    amounts.set(currency, (amounts.get(currency) ?? 0) + amount);
  }
  preview.refunds = [...amounts].map(([currency, amount]) => ({ amount, currency }));
  return preview;
}

async function wouldBeSignificant(
  db: Db,
  booking: Booking,
  { flightId, change }: { flightId: string; change: ScheduleChangeRequest },
): Promise<boolean> {
  const present = slicesOf(booking);
  const accepted = asAccepted(present, (await readUnanswered(db, booking.id)) ?? []);
  return isSignificant(accepted, changed(present, flightId, change));
}

/** Returns slices as they would be. */
function changed(
  slices: readonly BookedSlice[],
  flightId: string,
  change: ScheduleChangeRequest,
): BookedSlice[] {
  return slices.map(({ segments }) =>
    sliceOf(
      segments.map((segment) => {
        if (segment.id !== flightId) return segment;
        if (change.kind === 'cancelled') return { ...segment, status: 'cancelled' };
        const { departureAt, arrivalAt } = change;
        const times = {
          departureAt: departureAt.toISOString(),
          arrivalAt: arrivalAt.toISOString(),
        };
        return { ...segment, ...times };
      }),
    ),
  );
}
