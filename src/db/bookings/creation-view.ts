import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';
import {
  offerSql,
  toOffer,
  WANTED_FLIGHTS,
  type Offer,
  type OfferRow,
} from '../flights/offer-view';
import type { Outcome } from '../idempotency/outcome';
import { outcomeSql } from '../idempotency/outcome-view';
import type { MappedSeat } from '../seats/seat-map-view';
import { run, statement } from '../statement';

/** What a customer wants to book, and the key of their request, if it has one. */
export interface WantedBooking {
  callerId: string;
  key: string | null;
  /** At least one, each once. */
  flightIds: readonly string[];
  cabin: Cabin;
  /** Seats that passengers have chosen, on whatever flight. */
  seatNumbers: string[];
}

/** What is known of a booking before it is made. Nothing is locked: it may change at once. */
export interface CreationView {
  /** What the key is bound to, if it is. */
  outcome: Outcome | undefined;
  /** Of each flight, in the order of the request. */
  flights: WantedFlight[];
}

type KnownSeat = Omit<MappedSeat, 'state'>;

/** What is known of one of the flights. */
export interface WantedFlight {
  flightId: string;
  /** Undefined when there is no such flight or cabin. */
  offer: Offer | undefined;
  /** How many seats of the cabin are free. */
  free: number;
  /** Those of the chosen numbers that the cabin has. */
  seats: KnownSeat[];
}

/** Reads what is known of a booking before it is made, in one statement. */
export async function readBeforeCreation(
  db: Db,
  { callerId, key, flightIds, cabin, seatNumbers }: WantedBooking,
): Promise<CreationView> {
  const [first, ...others] = flightIds;
  const more = [cabin, callerId, key, seatNumbers] as const;
  const rows =
    first !== undefined && others.length === 0
      ? await run(db, READ_BEFORE_CREATION, [first, ...more])
      : await run(db, READ_BEFORE_CREATION_OF_SEVERAL, [flightIds, ...more]);
  return {
    outcome: rows[0]?.outcome ?? undefined,
    flights: rows.map((row) => ({
      flightId: row.wanted_id,
      offer: row.flight_id === null ? undefined : toOffer(row, cabin),
      free: row.free,
      seats: row.seats ?? [],
    })),
  };
}

type Row = (OfferRow | { [column in keyof OfferRow]: null }) & {
  wanted_id: string;
  outcome: Outcome | null;
  free: number;
  seats: KnownSeat[] | null;
};

type Values<Flights> = [
  flights: Flights,
  cabin: Cabin,
  callerId: string,
  key: string | null,
  seatNumbers: string[],
];

function readBefore(wantedFlights: string): string {
  return `SELECT wanted.id AS wanted_id, offer.*,
     (${outcomeSql({ callerId: '$3', route: "'bookings'", key: '$4' })}) AS outcome,
     (SELECT count(*) FROM seats s
      WHERE s.flight_id = wanted.id AND s.cabin = $2 AND s.state = 'free') AS free,
     (SELECT json_agg(json_build_object('seatNumber', s.seat_number, 'cabin', s.cabin,
        'available', s.state = 'free'))
      FROM seats s
      WHERE s.flight_id = wanted.id AND s.cabin = $2 AND s.seat_number = ANY ($5::text[])) AS seats
   FROM ${wantedFlights} LEFT JOIN LATERAL (${offerSql('wanted.id', '$2')}) AS offer ON true
   ORDER BY wanted.position`;
}

const READ_BEFORE_CREATION = statement<Row, Values<string>>(
  'read_before_creation',
  readBefore(WANTED_FLIGHTS.one('$1')),
);

const READ_BEFORE_CREATION_OF_SEVERAL = statement<Row, Values<readonly string[]>>(
  'read_before_creation_of_several',
  readBefore(WANTED_FLIGHTS.several('$1')),
);
