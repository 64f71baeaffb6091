import type { OutgoingEvent, OutgoingEventType } from '../../domain/outgoing-event';
import type { Db } from '../connection';
import { run, runOne, statement } from '../statement';

/** An endpoint as the sender needs it. Its secrets are encrypted. */
export interface Receiver {
  id: string;
  url: string;
  isEnabled: boolean;
  /** The current one, and the one before while it signs, too. */
  secrets: string[];
  failingSince: Date | null;
}

/** An endpoint with its deliveries that the process which took the events is sending. */
export interface DueReceiver extends Receiver {
  takenCount: number;
}

/** A delivery that is due. */
export interface DueDelivery {
  id: string;
  attempt: number;
  firstDueAt: Date;
  /** Null for a ping. */
  event: OutgoingEvent | null;
}

/** Reads an endpoint; undefined when it was deleted. */
export async function readReceiver(db: Db, endpointId: string): Promise<DueReceiver | undefined> {
  const [row] = await run(db, READ_RECEIVER, [endpointId]);
  return row && { ...toReceiver(endpointId, row), takenCount: row.taken };
}

export interface ReceiverRow {
  url: string;
  is_enabled: boolean;
  secret: string;
  previous_secret: string | null;
  failing_since: Date | null;
}

/** The columns of a {@link ReceiverRow}; `e` is the endpoint. */
export const RECEIVER_COLUMNS = `e.url, e.status = 'enabled' AS is_enabled, e.secret, e.failing_since,
  CASE WHEN e.previous_secret_until > now() THEN e.previous_secret END AS previous_secret`;

/** Returns an endpoint as a row shows it. */
export function toReceiver(id: string, row: ReceiverRow): Receiver {
  return {
    id,
    url: row.url,
    isEnabled: row.is_enabled,
    secrets: row.previous_secret === null ? [row.secret] : [row.secret, row.previous_secret],
    failingSince: row.failing_since,
  };
}

/** Of a delivery: whoever took its event is sending it. Only then a first attempt is due later. */
export const IS_TAKEN_SQL = `status = 'pending' AND attempt = 1 AND due_at > now()`;

const READ_RECEIVER = statement<ReceiverRow & { taken: number }, [endpointId: string]>(
  'read_webhook_receiver',
  `SELECT ${RECEIVER_COLUMNS},
     (SELECT CAST(count(*) AS integer) FROM webhook_deliveries
        WHERE endpoint_id = e.id AND ${IS_TAKEN_SQL}) AS taken
   FROM webhook_endpoints e WHERE e.id = $1`,
);

/** Reads the oldest due deliveries of an endpoint, events of one booking in their order. */
export async function listDue(db: Db, endpointId: string, limit: number): Promise<DueDelivery[]> {
  const rows = await run(db, LIST_DUE, [endpointId, limit]);
  return rows.map(toDelivery);
}

/** Returns a delivery as a row shows it. */
export function toDelivery(row: DueRow): DueDelivery {
  return {
    id: row.id,
    attempt: row.attempt,
    firstDueAt: row.first_due_at,
    event:
      row.event_id === null
        ? null
        : {
            id: row.event_id,
            type: row.type,
            bookingId: row.booking_id,
            sequence: row.sequence,
            occurredAt: row.occurred_at,
          },
  };
}

export interface DueRow {
  id: string;
  attempt: number;
  first_due_at: Date;
  event_id: string | null;
  type: OutgoingEventType;
  booking_id: string;
  sequence: number;
  occurred_at: Date;
}

const LIST_DUE = statement<DueRow, [endpointId: string, limit: number]>(
  'list_due_webhooks',
  `SELECT d.id, d.attempt, d.first_due_at, d.event_id, e.type, e.booking_id, e.sequence,
     e.occurred_at
   FROM webhook_deliveries d LEFT JOIN outgoing_events e ON e.id = d.event_id
   WHERE d.endpoint_id = $1 AND d.status = 'pending' AND d.due_at <= now()
   ORDER BY d.due_at, e.occurred_at, e.sequence LIMIT $2`,
);

/** Returns the time until an endpoint's next delivery is due, in milliseconds; null for none. */
export async function timeUntilDue(db: Db, endpointId: string): Promise<number | null> {
  const { wait_ms: waitMs } = await runOne(db, TIME_UNTIL_DUE, [endpointId]);
  return waitMs === null ? null : Math.max(0, Math.ceil(waitMs));
}

const TIME_UNTIL_DUE = statement<{ wait_ms: number | null }, [endpointId: string]>(
  'time_until_due_webhook',
  `SELECT CAST(extract(epoch FROM min(due_at) - now()) * 1000 AS float8) AS wait_ms
   FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'pending'`,
);

/** Lists the endpoints that have had a delivery due for so many milliseconds. */
export async function listOverdueEndpoints(db: Db, overdueMs: number): Promise<string[]> {
  const rows = await run(db, LIST_OVERDUE, [overdueMs]);
  return rows.map(({ id }) => id);
}

const LIST_OVERDUE = statement<{ id: string }, [overdueMs: number]>(
  'list_overdue_endpoints',
  `SELECT e.id FROM webhook_endpoints e
   WHERE EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id
     AND d.status = 'pending' AND d.due_at <= now() - $1::float8 * interval '1 millisecond')`,
);
