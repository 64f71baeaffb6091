import type { BookingStatus } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { Disruption } from '../../domain/cancellation';
import type { PricedSegment } from '../../domain/changes/changed-itinerary';
import { combineConditions, changeTermsOf, quoteFare } from '../../domain/fare';
import type { PassengerType } from '../../domain/passenger';
import type { Db } from '../connection';
import type { FlightStatus } from '../../domain/flight-status';
import type { Offer } from '../flights/offer-view';
import { readDisruption } from '../schedule-changes/disruption-view';

/** What a change needs to know of a booking: what it is for, and what that cost. */
export interface PresentItinerary {
  customerId: string;
  status: BookingStatus;
  cabin: Cabin;
  changeable: boolean;
  isChanging: boolean;
  /** What the airline did to it, if nobody has responded to that; else null. */
  disruption: Disruption | null;
  isDisrupted: boolean;
  /** Of the first flight. */
  departureAt: Date;
  slices: PricedSegment[][];
  /** Everyone, in their order. */
  party: { position: number; type: PassengerType; bornOn: string | null }[];
}

/** Reads the itinerary of a booking; undefined when there is no such booking. */
export async function readPresentItinerary(
  db: Db,
  bookingId: string,
): Promise<PresentItinerary | undefined> {
  const { rows } = await db.raw<{ rows: SegmentRow[] }>(READ_SEGMENTS, { bookingId });
  const [first] = rows;
  if (first === undefined) return undefined;
  const slices: PricedSegment[][] = [];
  for (const row of rows) (slices[row.slice] ??= []).push(toSegment(row));
  const disruption = await readDisruption(db, bookingId);
  const conditions = combineConditions(rows.map((row) => toSegment(row).conditions));
  return {
    customerId: first.customer_id,
    status: first.status,
    cabin: first.cabin,
    changeable: changeTermsOf(conditions).changeable,
    isChanging: first.pending_change_id !== null,
    disruption,
    isDisrupted: disruption !== null,
    departureAt: first.departure_at,
    slices,
    party: await db('passengers')
      .where({ booking_id: bookingId })
      .orderBy('position')
      .select<PresentItinerary['party']>('position', 'type', 'born_on as bornOn'),
  };
}

/** Prices a flight on offer for the party of a booking. */
export function pricedOffer(
  { flight, cabin, status, fare, conditions }: Offer,
  party: readonly { type: PassengerType }[],
): PricedSegment {
  return {
    flightId: flight.id,
    cabin,
    origin: flight.origin.iata,
    destination: flight.destination.iata,
    departureAt: new Date(flight.departureAt),
    arrivalAt: new Date(flight.arrivalAt),
    isCancelled: status === 'cancelled',
    price: quoteFare(fare, party),
    conditions,
  };
}

/** The segments of a booking; of a booking of one flight its own row tells. */
const READ_SEGMENTS = `
  SELECT b.customer_id, b.status, b.pending_change_id, b.currency,
    g.slice, g.cabin, g.base_amount, g.taxes_amount, g.fees_amount, g.refundable,
    g.cancellation_fee_amount, f.id AS flight_id, f.origin, f.destination, f.departure_at, f.arrival_at,
    f.status AS flight_status
  FROM bookings b
  CROSS JOIN LATERAL (
    SELECT 0 AS position, 0 AS slice, b.flight_id, b.cabin, b.base_amount, b.taxes_amount,
      b.fees_amount, b.refundable, b.cancellation_fee_amount
    WHERE b.segment_count = 1
    UNION ALL
    SELECT s.position, s.slice, s.flight_id, s.cabin, s.base_amount, s.taxes_amount, s.fees_amount,
      s.refundable, s.cancellation_fee_amount
    FROM booking_segments s WHERE s.booking_id = b.id AND b.segment_count > 1
  ) g
  JOIN flights f ON f.id = g.flight_id
  WHERE b.id = :bookingId ORDER BY g.position`;

interface SegmentRow {
  customer_id: string;
  status: BookingStatus;
  pending_change_id: string | null;
  currency: string;
  slice: number;
  cabin: Cabin;
  base_amount: number;
  taxes_amount: number;
  fees_amount: number;
  refundable: boolean;
  cancellation_fee_amount: number;
  flight_id: string;
  origin: string;
  destination: string;
  departure_at: Date;
  arrival_at: Date;
  flight_status: FlightStatus;
}

function toSegment(row: SegmentRow): PricedSegment {
  const { currency, base_amount: base, taxes_amount: taxes, fees_amount: fees } = row;
  return {
    flightId: row.flight_id,
    cabin: row.cabin,
    origin: row.origin,
    destination: row.destination,
    departureAt: row.departure_at,
    arrivalAt: row.arrival_at,
    isCancelled: row.flight_status === 'cancelled',
    price: { amount: base + taxes + fees, currency, breakdown: { base, taxes, fees } },
    conditions: {
      refundable: row.refundable,
      cancellationFee: { amount: row.cancellation_fee_amount, currency },
    },
  };
}
