import type { BookedSlice, Booking } from '../../domain/booking';
import { segmentsOf, sliceOf, slicesOf } from '../../domain/itinerary';
import type { Money } from '../../domain/money';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import { isSignificant, refundOfUnused } from '../../domain/schedule-change-offer';
import { readKnownBooking } from '../bookings/booking-view';
import type { Db } from '../connection';
import { AFFECTED_BOOKINGS } from './affected';
import { paidSegments, readUnanswered } from './disruption-view';
import { asAccepted } from './offer-terms';

/** What a schedule change would do to the bookings of a flight. */
export interface ScheduleChangePreview {
  /** Bookings that are not paid for: they would end. */
  unpaid: number;
  /** Bookings that are paid for: their owners would get an offer. */
  paid: number;
  /** Those of them that may have the money back of every flight that was not used. */
  refundable: number;
  /** That money, by currency: it goes back if nobody accepts. */
  refunds: Money[];
}

interface PlannedChange {
  flightId: string;
  change: ScheduleChangeRequest;
}

/** Returns what a schedule change would do at this time. Changes nothing. */
export async function previewScheduleChange(
  db: Db,
  planned: PlannedChange,
  now: Date,
): Promise<ScheduleChangePreview> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `SELECT b.id FROM ${AFFECTED_BOOKINGS}`,
    { flightId: planned.flightId },
  );
  const preview: ScheduleChangePreview = { unpaid: 0, paid: 0, refundable: 0, refunds: [] };
  const amounts = new Map<string, number>();
  for (const { id } of rows) {
    const booking = await readKnownBooking(db, id);
    if (booking.status !== 'booked') {
      preview.unpaid += 1;
      continue;
    }
    preview.paid += 1;
    const refund = await refundAfter(db, booking, { ...planned, now });
    if (refund === undefined) continue;
    preview.refundable += 1;
    const { amount, currency } = refund;
    amounts.set(currency, (amounts.get(currency) ?? 0) + amount);
  }
  preview.refunds = [...amounts].map(([currency, amount]) => ({ amount, currency }));
  return preview;
}

/** Returns what a paid booking would give back; undefined where its fare would go on to say so. */
async function refundAfter(
  db: Db,
  booking: Booking,
  { flightId, change, now }: PlannedChange & { now: Date },
): Promise<Money | undefined> {
  const present = slicesOf(booking);
  const times = (await readUnanswered(db, booking.id)) ?? timesOf(booking);
  const after = changed(present, flightId, change);
  if (!isSignificant(asAccepted(present, times), after)) return undefined;
  const segments = await paidSegments(db, booking, times);
  const isCancelled = change.kind === 'cancelled';
  return refundOfUnused(
    booking.price,
    segments.map((segment) =>
      segment.flightId === flightId && isCancelled ? { ...segment, isUnusable: true } : segment,
    ),
    now,
  );
}

const timesOf = (booking: Booking) =>
  segmentsOf(booking).map(({ id, departureAt, arrivalAt }) => ({
    flightId: id,
    departureAt,
    arrivalAt,
  }));

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
