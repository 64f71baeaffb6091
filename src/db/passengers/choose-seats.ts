import type { Booking } from '../../domain/booking';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { exchangeSeats, type Seat, type SeatMove } from '../../domain/seat-choice';
import type { SeatChoiceRequest } from '../../temporal/contracts/amendment';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { LOCK_FLIGHTS } from '../schedule-changes/flight-lock';
import { call, run, statement } from '../statement';
import { inTransaction } from '../transaction';
import { amendOnce } from './amend-once';
import {
  actorOf,
  hasSeats,
  lockBooking,
  requirePassenger,
  type AmendedBooking,
} from './amended-booking';
import { movePassengers, readPresentSeats, readSegments, type FlownSegment } from './present-seats';

/**
 * Moves passengers to other free seats of their cabin, all or none, and puts the seats that they
 * leave on sale. They may exchange seats among themselves.
 *
 * Seats are locked in the order of all, those that are left, too: a claim that waits may have looked
 * at them as free.
 *
 * Safe to retry: who sits there already does not move, and what a key has done is not done again.
 *
 * @throws Refusal `booking_not_found`, `booking_not_changeable`, `change_in_progress`,
 * `passenger_not_found`, `flight_not_found`, `flight_closed`, `flight_departed`,
 * `seats_unavailable` or `idempotency_key_reused`. Nothing changes then.
 */
export async function chooseSeats(
  db: Db,
  bookingId: string,
  request: SeatChoiceRequest,
  at: Date,
): Promise<Booking> {
  const flightIds = request.seats.map(({ flightId }) => flightId);
  // No schedule change of them comes in between.
  const locks = [call(LOCK_FLIGHTS, [flightIds])];
  return inTransaction(db, locks, async (trx) => {
    const booking = await lockBooking(trx, bookingId, request);
    return amendOnce(trx, 'seats', { bookingId, request }, () =>
      moveToSeats(trx, booking, request, at),
    );
  });
}

async function moveToSeats(
  trx: Db,
  booking: AmendedBooking,
  request: SeatChoiceRequest,
  at: Date,
): Promise<void> {
  const { id: bookingId, pending_change_id: changeId, status } = booking.row;
  if (!hasSeats(booking)) throw new Refusal('booking_not_changeable', REFUSAL_TEXTS.hasNoSeats);
  if (changeId !== null) throw new Refusal('change_in_progress', REFUSAL_TEXTS.changeInProgress);
  const segments = await readSegments(trx, booking);
  const moves = request.seats.map((seat) => toMove(booking, segments, seat, at));
  const present = await readPresentSeats(trx, booking);
  const isSeated = ({ position, flightId }: SeatMove) =>
    present.some((seat) => seat.position === position && seat.flightId === flightId);
  const exchange = moves.every(isSeated) ? exchangeSeats(present, moves) : undefined;
  if (exchange === undefined) throw unavailable();
  const { moved, taken, released } = exchange;
  if (moved.length === 0) return;
  await requireFree(trx, segments, { taken, released });
  await changeOwner(trx, released, { state: 'free', bookingId: null });
  await changeOwner(trx, taken, { state: status === 'booked' ? 'sold' : 'held', bookingId });
  await movePassengers(trx, booking, moved);
  await appendEvent(trx, { bookingId, type: 'seats_changed', actor: actorOf(request) });
}

function toMove(
  booking: AmendedBooking,
  segments: readonly FlownSegment[],
  seat: SeatChoiceRequest['seats'][number],
  at: Date,
): SeatMove {
  const { position } = requirePassenger(booking, seat.passengerId);
  const flightId = seat.flightId.toLowerCase();
  const segment = segments.find((one) => one.flightId === flightId);
  if (segment === undefined) throw new Refusal('flight_not_found', REFUSAL_TEXTS.noSuchFlight);
  if (segment.status === 'cancelled')
    throw new Refusal('flight_closed', REFUSAL_TEXTS.flightCancelled);
  if (at >= segment.departureAt) throw new Refusal('flight_departed', REFUSAL_TEXTS.hasDeparted);
  return { position, flightId, seatNumber: seat.seatNumber };
}

/** Locks the seats that change hands. @throws Refusal `seats_unavailable` unless all are free. */
async function requireFree(
  trx: Db,
  segments: readonly FlownSegment[],
  { taken, released }: { taken: readonly Seat[]; released: readonly Seat[] },
): Promise<void> {
  const rows = await run(trx, LOCK_SEATS, columnsOf([...taken, ...released]));
  const areFree = taken.every((seat) => {
    const row = rows.find(
      (one) => one.flightId === seat.flightId && one.seatNumber === seat.seatNumber,
    );
    const segment = segments.find(({ flightId }) => flightId === seat.flightId);
    return row?.state === 'free' && row.cabin === segment?.cabin;
  });
  if (!areFree) throw unavailable();
}

async function changeOwner(
  trx: Db,
  seats: readonly Seat[],
  { state, bookingId }: { state: 'free' | 'held' | 'sold'; bookingId: string | null },
): Promise<void> {
  if (seats.length === 0) return;
  const changed = await run(trx, CHANGE_OWNER, [...columnsOf(seats), state, bookingId]);
  if (changed.length !== seats.length) throw new Error('Bug: a locked seat is gone');
}

function columnsOf(seats: readonly Seat[]): [flightIds: string[], seatNumbers: string[]] {
  return [seats.map(({ flightId }) => flightId), seats.map(({ seatNumber }) => seatNumber)];
}

function unavailable(): Refusal {
  return new Refusal('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable);
}

const CHOSEN = `FROM unnest($1::uuid[], $2::text[]) AS chosen (flight_id, seat_number)`;

const LOCK_SEATS = statement<
  Seat & { cabin: string; state: string },
  [flightIds: string[], seatNumbers: string[]]
>(
  'lock_seats_to_exchange',
  `SELECT s.flight_id AS "flightId", s.seat_number AS "seatNumber", s.cabin, s.state
   ${CHOSEN}
   JOIN seats s ON s.flight_id = chosen.flight_id AND s.seat_number = chosen.seat_number
   ORDER BY s.flight_id, s.row_number, s.seat_number FOR UPDATE OF s`,
);

const CHANGE_OWNER = statement<
  object,
  [flightIds: string[], seatNumbers: string[], state: string, bookingId: string | null]
>(
  'exchange_seats',
  `UPDATE seats s SET state = $3, booking_id = $4::uuid ${CHOSEN}
   WHERE s.flight_id = chosen.flight_id AND s.seat_number = chosen.seat_number
   RETURNING s.seat_number`,
);
