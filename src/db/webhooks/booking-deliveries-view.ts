import type { OutgoingEventType } from '../../domain/outgoing-event';
import type { DeliveryError, DeliveryStatus } from '../../domain/webhooks/delivery';
import type { Db } from '../connection';

/** One attempt to send an event of a booking to an endpoint. */
export interface BookingDelivery {
  endpointId: string;
  type: OutgoingEventType;
  attempt: number;
  status: DeliveryStatus;
  /** When it was sent, or is due; ISO 8601. */
  at: string;
  durationMs: number | null;
  responseStatus: number | null;
  error: DeliveryError | null;
}

/** Lists what was sent of a booking's events, to any endpoint: the newest so many. */
export async function listBookingDeliveries(
  db: Db,
  bookingId: string,
  limit: number,
): Promise<BookingDelivery[]> {
  const { rows } = await db.raw<{ rows: (Omit<BookingDelivery, 'at'> & { at: Date })[] }>(
    `SELECT d.endpoint_id AS "endpointId", e.type, d.attempt, d.status, coalesce(d.sent_at, d.due_at) AS at,
       d.duration_ms AS "durationMs", d.response_status AS "responseStatus", d.error
     FROM outgoing_events e JOIN webhook_deliveries d ON d.event_id = e.id
     WHERE e.booking_id = CAST(:bookingId AS uuid)
     ORDER BY coalesce(d.sent_at, d.due_at) DESC, d.id LIMIT :limit`,
    { bookingId, limit },
  );
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}
