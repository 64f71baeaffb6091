import type { Knex } from 'knex';

/**
 * Indexes for what limits one customer: when their open holds end, which holds they let go unpaid, and when their cards were declined. Each is read under the
 * customer's lock, in the transaction of a claim or of a payment, so that a long history costs no time.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX bookings_open_holds_by_end ON bookings (customer_id, payment_required_by DESC)
      WHERE status = 'pending';
    CREATE INDEX bookings_let_go ON bookings (customer_id, created_at DESC)
      WHERE status = 'cancelled' AND cancellation_reason IN ('payment_expired', 'customer_request');
    CREATE INDEX payments_declined ON payments (customer_id, created_at DESC)
      WHERE status = 'declined';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX payments_declined, bookings_let_go, bookings_open_holds_by_end');
}
