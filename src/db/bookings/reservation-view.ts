import type { HoldLimits } from '../../domain/hold-limits';
import type { FreeSeat } from '../../domain/seating';
import { flightIdsOf, type BookingRequest } from '../../temporal/contracts/booking';
import type { Call } from '../batch';
import {
  offerSql,
  toOffer,
  WANTED_FLIGHTS,
  type Offer,
  type OfferRow,
} from '../flights/offer-view';
import { call, statement } from '../statement';
import {
  countedHolds,
  holdsSql,
  reachedHoldLimit,
  type CountedHolds,
  type HoldsRow,
  type ReachedLimit,
} from './customer-limits';

/** What a claim of seats depends on, as it is under the customer's lock. */
export interface ReservationView {
  /** Whether the booking is in the database already. */
  isKnown: boolean;
  reachedLimit: ReachedLimit | undefined;
  /** By their IDs. */
  flights: Map<string, FlightOnOffer>;
}

/** One of the flights that are wanted. */
export interface FlightOnOffer {
  /** Undefined when there is no such flight or cabin. */
  offer: Offer | undefined;
  /** The free seats of the cabin, from front to back. Others may take any of them at any moment. */
  freeSeats: FreeSeat[];
}

/**
 * Reads what a claim of seats depends on, under the customer's lock. `at` is the time of the claim.
 */
export function reservationQuery(
  request: BookingRequest,
  { limits, at }: { limits: HoldLimits; at: Date },
): Call<ReservationRow> {
  const { bookingId, customerId, cabin } = request;
  const more = [cabin, ...countedHolds(customerId, limits, at), bookingId] as const;
  const [first, ...others] = flightIdsOf(request).flat();
  return first !== undefined && others.length === 0
    ? call(READ_BEFORE_RESERVATION, [first, ...more])
    : call(READ_BEFORE_RESERVATION_OF_SEVERAL, [flightIdsOf(request).flat(), ...more]);
}

export function toReservationView(
  rows: readonly ReservationRow[],
  { cabin }: BookingRequest,
): ReservationView {
  const flights = rows.map((row): [string, FlightOnOffer] => [
    row.wanted_id,
    {
      offer: row.flight_id === null ? undefined : toOffer(row, cabin),
      freeSeats: (row.free_seats ?? []).map(([seatNumber, rowNumber]) => ({
        seatNumber,
        rowNumber,
      })),
    },
  ]);
  return {
    isKnown: rows.some(({ is_known: isKnown }) => isKnown),
    reachedLimit: reachedHoldLimit(rows),
    flights: new Map(flights),
  };
}

export type ReservationRow = (OfferRow | { [column in keyof OfferRow]: null }) &
  HoldsRow & {
    wanted_id: string;
    is_known: boolean;
    free_seats: [seatNumber: string, rowNumber: number][] | null;
  };

type Values<Flights> = [flights: Flights, cabin: string, ...CountedHolds, bookingId: string];

function readBefore(wantedFlights: string): string {
  return `SELECT wanted.id AS wanted_id, offer.*, ${holdsSql('wanted.id')},
     EXISTS (SELECT FROM bookings b WHERE b.id = $8) AS is_known,
     (SELECT json_agg(json_build_array(s.seat_number, s.row_number) ORDER BY s.row_number, s.seat_number)
      FROM seats s WHERE s.flight_id = wanted.id AND s.cabin = $2 AND s.state = 'free') AS free_seats
   FROM ${wantedFlights} LEFT JOIN LATERAL (${offerSql('wanted.id', '$2')}) AS offer ON true`;
}

const READ_BEFORE_RESERVATION = statement<ReservationRow, Values<string>>(
  'read_before_reservation',
  readBefore(WANTED_FLIGHTS.one('$1')),
);

const READ_BEFORE_RESERVATION_OF_SEVERAL = statement<ReservationRow, Values<string[]>>(
  'read_before_reservation_of_several',
  readBefore(WANTED_FLIGHTS.several('$1')),
);
