import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import type { FlightRequest } from './flights';

/**
 * Holds a seat of a flight as the release before itineraries does, by its own statement: its workers
 * go on with it while a release is rolled out. Returns the outcome of the key as it stored it.
 */
export async function holdAsBefore(
  db: Db,
  request: FlightRequest,
  seatNumber: string,
): Promise<Omit<Booking, 'slices'>> {
  const { flightId, cabin, bookingId, customerId } = request;
  const body = storedOutcome(request, seatNumber);
  const booking = {
    id: bookingId,
    reference: body.reference,
    customer_id: customerId,
    flight_id: flightId,
    cabin,
    status: 'pending',
    seat_count: 1,
    base_amount: body.price.breakdown.base,
    taxes_amount: body.price.breakdown.taxes,
    fees_amount: body.price.breakdown.fees,
    price_amount: body.price.amount,
    currency: body.price.currency,
    refundable: true,
    cancellation_fee_amount: 5_000,
    contact_email: null,
    payment_required_by: body.paymentRequiredBy,
    created_at: body.createdAt,
  };
  const passengers = [
    {
      position: 0,
      given_name: 'Ada',
      family_name: 'Lovelace',
      type: 'adult',
      seat_number: seatNumber,
    },
  ];
  await db.raw(HOLD_SEATS, {
    flightId,
    cabin,
    seats: [seatNumber],
    booking: JSON.stringify(booking),
    passengers: JSON.stringify(passengers),
    key: request.idempotencyKey,
    fingerprint: request.fingerprint,
    body: JSON.stringify(body),
  });
  return body;
}

/** A booking as it was written down before: without slices, and without seats for each flight. */
function storedOutcome(
  { bookingId, flightId }: BookingRequest & { flightId: string },
  seatNumber: string,
): Omit<Booking, 'slices'> {
  return {
    id: bookingId,
    reference: Array.from(randomUUID().replaceAll(/[^2-9]/g, '') + '222222')
      .slice(0, 6)
      .join(''),
    status: 'pending',
    cancellationReason: null,
    flight: {
      id: flightId,
      flightNumber: 'ZZ1',
      origin: { iata: 'LHR', name: 'London Heathrow', timeZone: 'Europe/London' },
      destination: { iata: 'JFK', name: 'New York Kennedy', timeZone: 'America/New_York' },
      departureAt: '2027-03-01T12:00:00.000Z',
      arrivalAt: '2027-03-01T20:00:00.000Z',
    },
    cabin: 'economy',
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace', type: 'adult', seatNumber }],
    price: {
      amount: 12_000,
      currency: 'USD',
      breakdown: { base: 10_000, taxes: 1_500, fees: 500 },
    },
    paymentRequiredBy: new Date(Date.now() + 900_000).toISOString(),
    createdAt: new Date().toISOString(),
    payment: null,
    refund: null,
    availableActions: ['pay', 'cancel'],
    workflowId: `booking-${bookingId}`,
  };
}

/** The statement of the release before, but for the names of its parameters. */
const HOLD_SEATS = `
  WITH locked AS (
    SELECT seat_number FROM seats
    WHERE flight_id = CAST(:flightId AS uuid) AND cabin = :cabin AND state = 'free'
      AND seat_number = ANY (CAST(:seats AS text[]))
    ORDER BY row_number, seat_number FOR UPDATE SKIP LOCKED
  ), booking AS (
    INSERT INTO bookings (id, reference, customer_id, flight_id, cabin, status, seat_count,
      base_amount, taxes_amount, fees_amount, price_amount, currency, refundable,
      cancellation_fee_amount, contact_email, payment_required_by, created_at)
    SELECT b.* FROM json_to_record(CAST(:booking AS json)) AS b (id uuid, reference text,
      customer_id text, flight_id uuid, cabin text, status text, seat_count smallint,
      base_amount bigint, taxes_amount bigint, fees_amount bigint, price_amount bigint,
      currency text, refundable boolean, cancellation_fee_amount bigint, contact_email text,
      payment_required_by timestamptz, created_at timestamptz)
    WHERE (SELECT count(*) FROM locked) = cardinality(CAST(:seats AS text[]))
    ON CONFLICT (reference) DO NOTHING
    RETURNING id, customer_id
  ), held AS (
    UPDATE seats s SET state = 'held', booking_id = booking.id FROM booking
    WHERE s.flight_id = :flightId AND s.seat_number = ANY (CAST(:seats AS text[])) AND s.state = 'free'
  ), boarded AS (
    INSERT INTO passengers (booking_id, position, given_name, family_name, type, seat_number)
    SELECT booking.id, p.* FROM booking, json_to_recordset(CAST(:passengers AS json))
      AS p (position smallint, given_name text, family_name text, type text, seat_number text)
  ), told AS (
    INSERT INTO booking_events (booking_id, type, actor, actor_kind)
    SELECT id, 'seats_held', customer_id, 'customer' FROM booking
  )
  INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, body)
  SELECT customer_id, 'bookings', :key, :fingerprint, 'booking_created', CAST(:body AS json)
  FROM booking`;
