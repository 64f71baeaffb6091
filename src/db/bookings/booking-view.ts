import {
  availableActions,
  type Booking,
  type BookingStatus,
  type CancellationReason,
  type Metadata,
  type RefundStatus,
} from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { FlightStatus } from '../../domain/flight-status';
import type { PassengerType } from '../../domain/passenger';
import { passengerIdOf } from '../../domain/passenger-id';
import { isUnderWay, type PaymentStatus } from '../../domain/payment';
import { bookingWorkflowId } from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from '../flights/airports';
import { toFlightSummary, type FlightColumns } from '../flights/flight-summary';
import { LATEST_OFFER, toScheduleChange, type LatestOffer } from '../schedule-changes/latest-offer';
import { run, statement } from '../statement';
import { contactAddress } from './contact-address';
import { ITINERARY_COLUMNS, toSeats, toSlices, type ItineraryColumns } from './itinerary-columns';
import { toPrice, type PriceColumns } from './price';

/** A booking with its owner, so that the caller can decide whether the reader may see it. */
export interface OwnedBooking {
  customerId: string;
  booking: Booking;
}

export interface BookingFilter {
  /** Null for the bookings of all customers. */
  customerId: string | null;
  status?: BookingStatus | undefined;
  reference?: string | undefined;
  /** In any case. */
  contactEmail?: string | undefined;
  /** Of any passenger, whatever its accents and case. */
  familyName?: string | undefined;
  /** Any of the flights. */
  flightId?: string | undefined;
  limit: number;
  /** The last booking of the previous page. */
  after?: { createdAt: string; id: string } | undefined;
}

/** Reads a booking as its owner sees it. Instants are ISO 8601 strings, ready to be sent. */
export async function readBooking(db: Db, bookingId: string): Promise<OwnedBooking | undefined> {
  const [row] = await run(db, READ_BOOKING, [bookingId]);
  return row && toOwnedBooking(row);
}

/** Returns a booking's status; undefined when there is no such booking. */
export async function findBookingStatus(
  db: Db,
  bookingId: string,
): Promise<BookingStatus | undefined> {
  const row = await db('bookings').where({ id: bookingId }).first('status');
  return row && (row.status as BookingStatus);
}

/** Returns the ID of a booking's owner; undefined when there is no such booking. */
export async function findOwner(
  db: Db,
  bookingId: string,
): Promise<{ customerId: string } | undefined> {
  const row = await db('bookings').where({ id: bookingId }).first('customer_id');
  return row && { customerId: row.customer_id };
}

/** Reads a booking that must exist. */
export async function readKnownBooking(db: Db, bookingId: string): Promise<Booking> {
  const found = await readBooking(db, bookingId);
  if (found === undefined) throw new Error(`Bug: booking ${bookingId} is not in the database`);
  return found.booking;
}

/** Reads bookings that must exist, all in one statement. Returns them by ID. */
export async function readKnownBookings(
  db: Db,
  bookingIds: readonly string[],
): Promise<ReadonlyMap<string, Booking>> {
  if (bookingIds.length === 0) return new Map();
  const rows = await run(db, READ_BOOKINGS, [bookingIds]);
  const found = new Map(rows.map((row) => [row.id, toOwnedBooking(row).booking]));
  const lost = bookingIds.find((id) => !found.has(id));
  if (lost !== undefined) throw new Error(`Bug: booking ${lost} is not in the database`);
  return found;
}

/**
 * Returns a page of bookings, newest first. It has one more than `limit` when there is another
 * page.
 */
export async function listBookings(db: Db, filter: BookingFilter): Promise<Booking[]> {
  const { sql, values } = findSql(filter);
  const { rows } = await db.raw<{ rows: BookingRow[] }>(
    `WITH found AS ${sql},
     page AS MATERIALIZED (
       SELECT id FROM found ORDER BY created_at DESC, id DESC LIMIT ?
     )
     ${bookingSql('page JOIN bookings b ON b.id = page.id')}
     ORDER BY b.created_at DESC, b.id DESC`,
    [...values, filter.limit],
  );
  return rows.map((row) => toOwnedBooking(row).booking);
}

/**
 * The bookings that a filter lets through, without their order.
 *
 * Where something is searched for, all of it is found first, by its index. PostgreSQL would expect to
 * meet enough of it among the newest bookings, and read all that there are.
 */
function findSql(filter: BookingFilter): { sql: string; values: (string | number)[] } {
  const conditions = ['true'];
  const values: (string | number)[] = [];
  const demand = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  const { reference, contactEmail, familyName, flightId } = filter;
  if (filter.customerId !== null) demand('b.customer_id = ?', filter.customerId);
  if (filter.status !== undefined) demand('b.status = ?', filter.status);
  if (reference !== undefined) demand('b.reference = ?', reference);
  if (contactEmail !== undefined)
    // Bookings of earlier releases have the address as it was given.
    demand(
      'b.contact_email IS NOT NULL AND lower(b.contact_email) IN (lower(?), lower(?))',
      contactAddress(contactEmail),
      contactEmail,
    );
  if (familyName !== undefined)
    demand(
      'b.id IN (SELECT booking_id FROM passengers WHERE fold_name(family_name) = fold_name(?))',
      familyName,
    );
  if (flightId !== undefined)
    demand(
      `b.id IN (SELECT id FROM bookings WHERE flight_id = ? AND erased_at IS NULL
         UNION ALL SELECT booking_id FROM booking_segments WHERE flight_id = ?)`,
      flightId,
      flightId,
    );
  if (filter.after !== undefined) {
    demand(
      '(b.created_at, b.id) < (?::timestamptz, ?::uuid)',
      filter.after.createdAt,
      filter.after.id,
    );
  }
  const isSearch = [reference, contactEmail, familyName, flightId].some(
    (searched) => searched !== undefined,
  );
  const sql = `${isSearch ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (
    SELECT b.id, b.created_at FROM bookings b WHERE ${conditions.join(' AND ')})`;
  return { sql, values };
}

/**
 * The refund of a booking `b`: the sum over the payments that were applied to it, with the status
 * of the least settled one. Where none was applied, the latest refund. Those of changes are theirs. Columns as in `refunds`.
 */
const REFUND_OF_BOOKING = `
  SELECT (array_agg(g.status ORDER BY array_position(ARRAY['needs_operator', 'pending', 'succeeded'], g.status)))[1] AS status,
    CAST(sum(g.amount) AS bigint) AS amount, min(g.currency) AS currency
  FROM (
    SELECT r.status, r.amount, r.currency, p.applied,
      row_number() OVER (ORDER BY r.created_at DESC, r.id) AS age
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE p.booking_id = b.id AND r.change_id IS NULL
  ) g
  WHERE CASE WHEN EXISTS (SELECT FROM payments a WHERE a.booking_id = b.id AND a.applied)
    THEN g.applied ELSE g.age = 1 END`;

/** Bookings as rows, of what `FROM` gives: bookings as `b`. */
const bookingSql = (from: string) => `
  SELECT b.id, b.reference, b.customer_id, b.cabin, b.status, b.cancellation_reason,
    b.payment_required_by, b.created_at, b.base_amount, b.taxes_amount, b.fees_amount,
    b.price_amount, b.currency, b.metadata, b.pending_change_id IS NOT NULL AS is_changing,
    f.id AS flight_id, f.flight_number, f.departure_at, f.arrival_at, f.status AS flight_status,
    ${AIRPORT_COLUMNS},
    people.passengers, ${ITINERARY_COLUMNS},
    p.id AS payment_id, p.status AS payment_status, p.amount AS payment_amount, p.currency AS payment_currency,
    p.captured_at, coalesce(p.declines, 0) AS declines, r.status AS refund_status, r.amount AS refund_amount, r.currency AS refund_currency,
    change.offer
  FROM ${from}
  JOIN flights f ON f.id = b.flight_id
  ${AIRPORT_JOINS}
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('givenName', given_name, 'familyName', family_name, 'type', type,
      'seatNumber', seat_number, 'title', title, 'bornOn', born_on, 'loyaltyNumber', loyalty_number) ORDER BY position) AS passengers
    FROM passengers WHERE booking_id = b.id
  ) people
  LEFT JOIN LATERAL (
    SELECT *, count(*) FILTER (WHERE status = 'declined') OVER () AS declines
    FROM payments WHERE booking_id = b.id AND status <> 'not_found' AND change_id IS NULL
    ORDER BY applied DESC, created_at DESC, id LIMIT 1
  ) p ON true
  LEFT JOIN LATERAL (
    ${REFUND_OF_BOOKING}
  ) r ON true
  LEFT JOIN LATERAL (${LATEST_OFFER}) change ON true`;

/** Prepared: planning so many joins takes longer than reading one booking. */
const READ_BOOKING = statement<BookingRow, [bookingId: string]>(
  'read_booking',
  `${bookingSql('bookings b')} WHERE b.id = $1`,
);

const READ_BOOKINGS = statement<BookingRow, [bookingIds: readonly string[]]>(
  'read_bookings',
  `${bookingSql('bookings b')} WHERE b.id = ANY ($1::uuid[])`,
);

interface BookingRow extends FlightColumns, PriceColumns, ItineraryColumns {
  id: string;
  reference: string;
  customer_id: string;
  cabin: Cabin;
  status: BookingStatus;
  cancellation_reason: CancellationReason | null;
  payment_required_by: Date | null;
  is_changing: boolean;
  created_at: Date;
  passengers: {
    givenName: string | null;
    familyName: string;
    type: PassengerType;
    seatNumber: string | null;
    title: string | null;
    bornOn: string | null;
    loyaltyNumber: string | null;
  }[];
  metadata: Metadata | null;
  payment_id: string | null;
  payment_status: PaymentStatus;
  payment_amount: number;
  payment_currency: string;
  captured_at: Date | null;
  declines: number;
  refund_status: RefundStatus | null;
  refund_amount: number;
  refund_currency: string;
  flight_status: FlightStatus;
  offer: LatestOffer | null;
}

function toOwnedBooking(row: BookingRow): OwnedBooking {
  const isBeingPaid = row.payment_id !== null && isUnderWay(row.payment_status);
  const now = new Date();
  const booking: Booking = {
    id: row.id,
    reference: row.reference,
    status: row.status,
    cancellationReason: row.cancellation_reason,
    flight: toFlightSummary(row),
    cabin: row.cabin,
    slices: toSlices(row),
    passengers: row.passengers.map(
      ({ givenName, familyName, type, seatNumber, ...more }, position) => ({
        id: passengerIdOf(row.id, position),
        givenName,
        familyName,
        type,
        seatNumber,
        seats: toSeats(row, position, seatNumber),
        ...more,
      }),
    ),
    price: toPrice(row),
    metadata: row.metadata ?? {},
    paymentRequiredBy: row.payment_required_by?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    payment:
      row.payment_id === null
        ? null
        : {
            id: row.payment_id,
            status: row.payment_status,
            amount: row.payment_amount,
            currency: row.payment_currency,
            capturedAt: row.captured_at?.toISOString() ?? null,
          },
    refund:
      row.refund_status === null
        ? null
        : { status: row.refund_status, amount: row.refund_amount, currency: row.refund_currency },
    scheduleChange: row.offer && toScheduleChange(row.offer, row.status, now),
    availableActions: availableActions(
      {
        status: row.status,
        isBeingPaid,
        isChanging: row.is_changing,
        declines: row.declines,
        paymentRequiredBy: row.payment_required_by,
        departureAt: row.departure_at,
        isDisrupted: row.offer?.state === 'waiting' && row.offer.significant,
      },
      now,
    ),
    workflowId: bookingWorkflowId(row.id),
  };
  return { customerId: row.customer_id, booking };
}
