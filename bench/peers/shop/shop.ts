import { Pool, type PoolClient } from 'pg';
import { PRICE } from '../serve';

/** As many as a worker of ours has. */
const MAX_CONNECTIONS = 24;

const HOLD = '15 minutes';

export interface Booking {
  bookingId: string;
  flightId: string;
}

export type Shop = ReturnType<typeof openShop>;

/**
 * The steps of a sale in plain SQL, one transaction each, as a good tutorial has them: none sells a
 * seat twice, and each may be repeated.
 */
export function openShop(databaseUrl: string) {
  const pool = new Pool({ connectionString: databaseUrl, max: MAX_CONNECTIONS });
  pool.on('error', () => undefined);

  async function transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }

  return {
    /** Holds a free seat until the deadline. */
    reserve: ({ bookingId, flightId }: Booking) =>
      transaction(async (client) => {
        const { rowCount } = await client.query(
          `INSERT INTO bookings (id, flight_id, status, amount, currency, hold_until)
           VALUES ($1, $2, 'pending', $3, $4, now() + interval '${HOLD}') ON CONFLICT DO NOTHING`,
          [bookingId, flightId, PRICE.amount, PRICE.currency],
        );
        if (rowCount === 0) return;
        const { rows } = await client.query<{ seat_number: number }>(
          `SELECT seat_number FROM seats WHERE flight_id = $1 AND state = 'free'
           ORDER BY seat_number LIMIT 1 FOR UPDATE SKIP LOCKED`,
          [flightId],
        );
        if (rows[0] === undefined) throw new Error('sold_out');
        await client.query(
          `UPDATE seats SET state = 'held', booking_id = $1
           WHERE flight_id = $2 AND seat_number = $3`,
          [bookingId, flightId, rows[0].seat_number],
        );
      }),

    /** What the payment provider does: a charge under a key, in books of its own. */
    charge: async ({ bookingId }: Pick<Booking, 'bookingId'>) => {
      await pool.query(
        `INSERT INTO provider_charges (key, amount, status)
         VALUES ($1, $2, 'captured') ON CONFLICT DO NOTHING`,
        [bookingId, PRICE.amount],
      );
    },

    /** Sells the held seat for the captured payment. */
    confirm: ({ bookingId }: Pick<Booking, 'bookingId'>) =>
      transaction(async (client) => {
        const { rowCount } = await client.query(
          `UPDATE bookings SET status = 'booked' WHERE id = $1 AND status = 'pending'`,
          [bookingId],
        );
        if (rowCount === 0) return;
        await client.query(
          `UPDATE seats SET state = 'sold' WHERE booking_id = $1 AND state = 'held'`,
          [bookingId],
        );
        await client.query(
          `INSERT INTO payments (booking_id, amount, currency) VALUES ($1, $2, $3)`,
          [bookingId, PRICE.amount, PRICE.currency],
        );
      }),

    /** Puts the seat of an unpaid booking back on sale. */
    release: ({ bookingId }: Pick<Booking, 'bookingId'>) =>
      transaction(async (client) => {
        const { rowCount } = await client.query(
          `UPDATE bookings SET status = 'cancelled' WHERE id = $1 AND status = 'pending'`,
          [bookingId],
        );
        if (rowCount === 0) return;
        await client.query(
          `UPDATE seats SET state = 'free', booking_id = NULL WHERE booking_id = $1`,
          [bookingId],
        );
      }),

    /** IDs of bookings whose deadline has passed. */
    findExpired: async () => {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM bookings WHERE status = 'pending' AND hold_until < now() LIMIT 100`,
      );
      return rows.map(({ id }) => id);
    },

    close: () => pool.end(),
  };
}
