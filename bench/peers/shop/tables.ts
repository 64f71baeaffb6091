import { createDatabase, query } from '../../../scripts/stack/postgres-cluster';

/** Seats of each flight: about what a flight of ours has, twice over, for long runs. */
const SEATS_PER_FLIGHT = 300;

const TABLES = `
  CREATE TABLE bookings (
    id uuid PRIMARY KEY, flight_id uuid NOT NULL, status text NOT NULL,
    amount integer NOT NULL, currency text NOT NULL,
    hold_until timestamptz NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX pending_bookings ON bookings (hold_until) WHERE status = 'pending';
  CREATE TABLE seats (
    flight_id uuid NOT NULL, seat_number integer NOT NULL, state text NOT NULL DEFAULT 'free',
    booking_id uuid REFERENCES bookings, PRIMARY KEY (flight_id, seat_number)
  );
  CREATE INDEX free_seats ON seats (flight_id, seat_number) WHERE state = 'free';
  CREATE INDEX seats_of_booking ON seats (booking_id) WHERE booking_id IS NOT NULL;
  CREATE TABLE payments (
    booking_id uuid PRIMARY KEY REFERENCES bookings, amount integer NOT NULL, currency text NOT NULL
  );
  CREATE TABLE provider_charges (key uuid PRIMARY KEY, amount integer NOT NULL, status text NOT NULL);
`;

/** Makes a peer's database, with the same flights as ours on sale. */
export async function createShopDatabase(
  serverUrl: string,
  name: string,
  flights: readonly string[],
): Promise<string> {
  await createDatabase(serverUrl, name);
  const url = Object.assign(new URL(serverUrl), { pathname: name }).href;
  await query(url, TABLES);
  const list = flights.map((id) => `('${id}'::uuid)`).join();
  await query(
    url,
    `INSERT INTO seats (flight_id, seat_number)
     SELECT flight.id, seat FROM (VALUES ${list}) AS flight (id),
            generate_series(1, ${SEATS_PER_FLIGHT}) AS seat`,
  );
  await query(url, 'ANALYZE');
  return url;
}

/** Returns what is wrong with a peer's books, having sold at least so many bookings. */
export async function auditShop(url: string, sold: number): Promise<string[]> {
  const [found] = await query<Record<string, string>>(
    url,
    `SELECT (SELECT count(*) FROM bookings WHERE status = 'booked') AS booked,
            (SELECT count(*) FROM seats WHERE state = 'sold') AS seats,
            (SELECT count(*) FROM payments) AS payments,
            (SELECT count(*) FROM provider_charges WHERE status = 'captured') AS charges`,
  );
  const { booked, seats, payments, charges } = found ?? {};
  return [
    ...(Number(booked) < sold ? [`${sold} bookings were paid for, ${booked} are booked`] : []),
    ...(seats === booked && payments === booked && charges === booked
      ? []
      : [`${booked} booked, ${seats} seats sold, ${payments} payments, ${charges} charges`]),
  ];
}
