import type { OutgoingEventType } from '../../domain/outgoing-event';
import type { Delivery, DeliveryError, DeliveryStatus } from '../../domain/webhooks/delivery';
import type { Db } from '../connection';

export interface DeliveryFilter {
  endpointId: string;
  status?: DeliveryStatus | undefined;
  limit: number;
  /** The last delivery of the page before. */
  after?: { createdAt: string; id: string } | undefined;
}

/** Lists the deliveries to an endpoint, the newest first. Never what was answered. */
export async function listDeliveries(
  db: Db,
  { endpointId, status, limit, after }: DeliveryFilter,
): Promise<Delivery[]> {
  const query = deliveries(db).where({ endpoint_id: endpointId });
  if (status !== undefined) void query.where({ status });
  if (after !== undefined)
    void query.whereRaw('(d.created_at, d.id) < (?::timestamptz, ?::uuid)', [
      after.createdAt,
      after.id,
    ]);
  const rows = await query
    .orderBy([
      { column: 'd.created_at', order: 'desc' },
      { column: 'd.id', order: 'desc' },
    ])
    .limit(limit);
  return rows.map(toDelivery);
}

/** Reads a delivery to an endpoint; undefined when there is no such one. */
export async function findDelivery(
  db: Db,
  endpointId: string,
  deliveryId: string,
): Promise<Delivery | undefined> {
  const [row] = await deliveries(db).where({ endpoint_id: endpointId, 'd.id': deliveryId });
  return row && toDelivery(row);
}

interface DeliveryRow {
  id: string;
  event_id: string | null;
  type: OutgoingEventType | null;
  booking_id: string | null;
  sequence: number | null;
  attempt: number;
  status: DeliveryStatus;
  due_at: Date;
  sent_at: Date | null;
  duration_ms: number | null;
  response_status: number | null;
  error: DeliveryError | null;
  created_at: Date;
}

function deliveries(db: Db) {
  return db('webhook_deliveries AS d')
    .leftJoin('outgoing_events AS e', 'e.id', 'd.event_id')
    .select<DeliveryRow[]>(
      'd.id',
      'd.event_id',
      'e.type',
      'e.booking_id',
      'e.sequence',
      'd.attempt',
      'd.status',
      'd.due_at',
      'd.sent_at',
      'd.duration_ms',
      'd.response_status',
      'd.error',
      'd.created_at',
    );
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    eventId: row.event_id ?? row.id,
    type: row.type ?? 'ping',
    bookingId: row.booking_id,
    sequence: row.sequence,
    attempt: row.attempt,
    status: row.status,
    dueAt: row.due_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    durationMs: row.duration_ms,
    responseStatus: row.response_status,
    error: row.error,
    createdAt: row.created_at.toISOString(),
  };
}
