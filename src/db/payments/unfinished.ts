import { UNDER_WAY } from '../../domain/payment';
import type { Db } from '../connection';
import { inPages } from '../pages';

/** Far longer than a running workflow needs. What is open for longer may have no workflow. */
const OPEN_FOR = '10 minutes';

/**
 * A payment that is open, and the booking whose workflow may be handling it; null when that is no
 * booking of ours.
 */
export interface UnfinishedPayment {
  paymentId: string;
  bookingId: string | null;
  /** Of an open refund of a change: its ID. */
  refundId?: string;
}

/** Finds all charges that have been under way for long, page by page, the oldest first. */
export async function* pageUnfinishedCharges(db: Db): AsyncGenerator<UnfinishedPayment[]> {
  yield* payments(
    db,
    `SELECT id, id AS payment_id, booking_id, NULL AS change_id, created_at AS sort_key FROM payments
     WHERE status IN (${UNDER_WAY.map((status) => `'${status}'`).join(', ')})
       AND created_at < now() - interval '${OPEN_FOR}'`,
  );
}

/**
 * Finds all payments whose refund has been open for long, with the provider or with an operator.
 * Page by page, the oldest first.
 */
export async function* pageUnfinishedRefunds(db: Db): AsyncGenerator<UnfinishedPayment[]> {
  yield* payments(
    db,
    `SELECT r.id, p.id AS payment_id, p.booking_id, r.change_id, r.created_at AS sort_key
     FROM refunds r JOIN payments p ON p.id = r.payment_id
     WHERE r.status <> 'succeeded' AND r.created_at < now() - interval '${OPEN_FOR}'`,
  );
}

interface Row {
  payment_id: string;
  booking_id: string | null;
  change_id: string | null;
}

async function* payments(db: Db, query: string): AsyncGenerator<UnfinishedPayment[]> {
  for await (const page of inPages<Row>(db, query))
    yield page.map(({ id, payment_id, booking_id, change_id }) => ({
      paymentId: payment_id,
      bookingId: booking_id,
      ...(change_id === null ? {} : { refundId: id }),
    }));
}
