import type { BookingStatus } from '../../domain/booking';
import type { Disruption, PaidBooking } from '../../domain/cancellation';
import type { Price } from '../../domain/fare';
import type { Db } from '../connection';
import { readDisruption } from '../schedule-changes/disruption-view';
import { toPrice, type PriceColumns } from './price';

/** What cancelling a paid booking needs to know of it. */
export interface Sale extends PaidBooking {
  customerId: string;
  status: BookingStatus;
  /** The payment that paid for the booking at first. */
  paymentId: string;
  price: Price;
  /** A change of it is being made. */
  isChanging: boolean;
}

/** Reads what a booking was sold for; undefined when it does not exist or was never paid for. */
export async function readSale(db: Db, bookingId: string): Promise<Sale | undefined> {
  const { rows } = await db.raw<{ rows: SaleRow[] }>(
    `SELECT b.status, b.customer_id, b.created_at, b.refundable, b.cancellation_fee_amount,
       b.currency, f.departure_at,
       b.base_amount, b.taxes_amount, b.fees_amount, b.price_amount, b.pending_change_id,
       p.id AS payment_id
     FROM bookings b
     JOIN flights f ON f.id = b.flight_id
     JOIN payments p ON p.booking_id = b.id AND p.applied AND p.change_id IS NULL
     WHERE b.id = ?`,
    [bookingId],
  );
  return rows[0] && toSale(rows[0], await readDisruption(db, bookingId));
}

interface SaleRow extends PriceColumns {
  status: BookingStatus;
  customer_id: string;
  created_at: Date;
  refundable: boolean;
  cancellation_fee_amount: number;
  departure_at: Date;
  payment_id: string;
  pending_change_id: string | null;
}

function toSale(row: SaleRow, disruption: Disruption | null): Sale {
  return {
    status: row.status,
    customerId: row.customer_id,
    paymentId: row.payment_id,
    // What it costs is what was captured for it, less what went back by changes and their fees.
    captured: { amount: row.price_amount, currency: row.currency },
    price: toPrice(row),
    isChanging: row.pending_change_id !== null,
    conditions: {
      refundable: row.refundable,
      cancellationFee: { amount: row.cancellation_fee_amount, currency: row.currency },
    },
    bookedAt: row.created_at,
    departureAt: row.departure_at,
    disruption,
  };
}
