import type { Knex } from 'knex';

/**
 * The schedule and the inventory: what is flown, what it costs, and one row for every seat.
 *
 * Availability is counted from `seats_on_sale`, never kept in a counter: a counter row per flight is the
 * hot spot that every customer of that flight would queue for.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE carriers (
      code text PRIMARY KEY CHECK (code ~ '^[A-Z0-9]{2}$'),
      name text NOT NULL
    );

    CREATE TABLE airports (
      iata      text PRIMARY KEY CHECK (iata ~ '^[A-Z]{3}$'),
      name      text NOT NULL,
      time_zone text NOT NULL
    );

    CREATE TABLE flights (
      id             uuid PRIMARY KEY,
      carrier_code   text NOT NULL REFERENCES carriers,
      flight_number  text NOT NULL CHECK (flight_number ~ '^[A-Z0-9]{2}[0-9]{1,4}$'),
      origin         text NOT NULL REFERENCES airports,
      destination    text NOT NULL REFERENCES airports,
      departure_date date NOT NULL,
      departure_at   timestamptz NOT NULL,
      arrival_at     timestamptz NOT NULL,
      aircraft_model text NOT NULL,
      distance_miles integer NOT NULL CHECK (distance_miles > 0),
      UNIQUE (flight_number, origin, departure_date),
      CHECK (flight_number LIKE carrier_code || '%'),
      CHECK (origin <> destination),
      CHECK (arrival_at > departure_at)
    );
    COMMENT ON COLUMN flights.departure_date IS 'The local date at the origin, which customers search by.';
    CREATE INDEX flights_by_route ON flights (origin, destination, departure_date, departure_at, id);

    CREATE TABLE flight_cabins (
      flight_id               uuid NOT NULL REFERENCES flights,
      cabin                   text NOT NULL
        CHECK (cabin IN ('economy', 'premium_economy', 'business', 'first')),
      seat_count              integer NOT NULL CHECK (seat_count > 0),
      base_amount             bigint NOT NULL CHECK (base_amount > 0),
      taxes_amount            bigint NOT NULL CHECK (taxes_amount >= 0),
      fees_amount             bigint NOT NULL CHECK (fees_amount >= 0),
      cancellation_fee_amount bigint NOT NULL CHECK (cancellation_fee_amount >= 0),
      currency                text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      refundable              boolean NOT NULL,
      PRIMARY KEY (flight_id, cabin)
    );
    COMMENT ON COLUMN flight_cabins.base_amount IS 'One adult''s base fare, in the currency''s minor unit.';

    CREATE TABLE seats (
      flight_id   uuid NOT NULL,
      seat_number text NOT NULL CHECK (seat_number ~ '^[1-9][0-9]{0,1}[A-K]$'),
      row_number  smallint NOT NULL CHECK (seat_number LIKE row_number || '_'),
      cabin       text NOT NULL,
      state       text NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'held', 'sold')),
      booking_id  uuid,
      PRIMARY KEY (flight_id, seat_number),
      FOREIGN KEY (flight_id, cabin) REFERENCES flight_cabins,
      CHECK ((state = 'free') = (booking_id IS NULL))
    );
    CREATE INDEX seats_on_sale ON seats (flight_id, cabin) WHERE state = 'free';
    CREATE INDEX seats_by_booking ON seats (booking_id) WHERE booking_id IS NOT NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE seats, flight_cabins, flights, airports, carriers');
}
