import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';
import { OFFER_SQL, toOffer, type Offer, type OfferRow } from '../flights/offer-view';
import type { Outcome } from '../idempotency/outcome';
import { outcomeSql } from '../idempotency/outcome-view';
import type { MappedSeat } from '../seats/seat-map-view';
import { runOne, statement } from '../statement';

/** What a customer wants to book, and the key of their request, if it has one. */
export interface WantedBooking {
  callerId: string;
  key: string | null;
  flightId: string;
  cabin: Cabin;
  /** Seats that passengers have chosen. */
  seatNumbers: string[];
}

/** What is known of a booking before it is made. Nothing is locked: it may change at once. */
export interface CreationView {
  /** What the key is bound to, if it is. */
  outcome: Outcome | undefined;
  /** Undefined when there is no such flight or cabin. */
  offer: Offer | undefined;
  /** How many seats of the cabin are free. */
  free: number;
  /** Those of the chosen seats that the cabin has. */
  chosen: MappedSeat[];
}

/** Reads what is known of a booking before it is made, in one statement. */
export async function readBeforeCreation(
  db: Db,
  { callerId, key, flightId, cabin, seatNumbers }: WantedBooking,
): Promise<CreationView> {
  const row = await runOne(db, READ_BEFORE_CREATION, [flightId, cabin, callerId, key, seatNumbers]);
  return {
    outcome: row.outcome ?? undefined,
    offer: row.flight_id === null ? undefined : toOffer(row, cabin),
    free: row.free,
    chosen: row.chosen ?? [],
  };
}

type Row = (OfferRow | { [column in keyof OfferRow]: null }) & {
  outcome: Outcome | null;
  free: number;
  chosen: MappedSeat[] | null;
};

const READ_BEFORE_CREATION = statement<
  Row,
  [flightId: string, cabin: Cabin, callerId: string, key: string | null, seatNumbers: string[]]
>(
  'read_before_creation',
  `SELECT offer.*,
     (${outcomeSql({ callerId: '$3', route: "'bookings'", key: '$4' })}) AS outcome,
     (SELECT count(*) FROM seats s
      WHERE s.flight_id = $1 AND s.cabin = $2 AND s.state = 'free') AS free,
     (SELECT json_agg(json_build_object('seatNumber', s.seat_number, 'cabin', s.cabin,
        'available', s.state = 'free'))
      FROM seats s
      WHERE s.flight_id = $1 AND s.cabin = $2 AND s.seat_number = ANY ($5::text[])) AS chosen
   FROM (VALUES (true)) AS always LEFT JOIN (${OFFER_SQL}) AS offer ON true`,
);
