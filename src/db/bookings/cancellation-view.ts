import type { BookingStatus } from '../../domain/booking';
import type { Disruption, PaidBooking } from '../../domain/cancellation';
import type { Db } from '../connection';
import { readDisruption } from '../schedule-changes/disruption-view';

/** What cancelling a paid booking needs to know of it. */
export interface Sale extends PaidBooking {
  customerId: string;
  status: BookingStatus;
  paymentId: string;
  provider: string;
  /** True when we made the charge; false when another service did, and reported it. */
  isOwnCharge: boolean;
}

/** Reads what a booking was sold for; undefined when it does not exist or was never paid for. */
export async function readSale(db: Db, bookingId: string): Promise<Sale | undefined> {
  const { rows } = await db.raw<{ rows: SaleRow[] }>(
    `SELECT b.status, b.customer_id, b.created_at, b.refundable, b.cancellation_fee_amount, b.currency AS fare_currency, f.departure_at,
       p.id AS payment_id, p.provider, p.customer_id IS NOT NULL AS is_own_charge, p.amount, p.currency
     FROM bookings b
     JOIN flights f ON f.id = b.flight_id
     JOIN payments p ON p.booking_id = b.id AND p.applied
     WHERE b.id = ?`,
    [bookingId],
  );
  return rows[0] && toSale(rows[0], await readDisruption(db, bookingId));
}

interface SaleRow {
  status: BookingStatus;
  customer_id: string;
  created_at: Date;
  refundable: boolean;
  cancellation_fee_amount: number;
  fare_currency: string;
  departure_at: Date;
  payment_id: string;
  provider: string;
  is_own_charge: boolean;
  amount: number;
  currency: string;
}

function toSale(row: SaleRow, disruption: Disruption | null): Sale {
  return {
    status: row.status,
    customerId: row.customer_id,
    paymentId: row.payment_id,
    provider: row.provider,
    isOwnCharge: row.is_own_charge,
    captured: { amount: row.amount, currency: row.currency },
    conditions: {
      refundable: row.refundable,
      cancellationFee: { amount: row.cancellation_fee_amount, currency: row.fare_currency },
    },
    bookedAt: row.created_at,
    departureAt: row.departure_at,
    disruption,
  };
}
