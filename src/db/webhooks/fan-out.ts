import type { Db } from '../connection';
import { takenEventsSql } from '../outgoing-events/take';
import { run, statement } from '../statement';
import {
  IS_TAKEN_SQL,
  RECEIVER_COLUMNS,
  toReceiver,
  toDelivery,
  type DueDelivery,
  type DueRow,
  type Receiver,
  type ReceiverRow,
} from './due-view';

/** A statement of so many events takes some milliseconds. */
const BATCH = 200;

/** A delivery that was just created, and is to be sent by whoever has created it. */
export interface FreshDelivery {
  receiver: Receiver;
  delivery: DueDelivery;
  /** Of its event. */
  bookingId: string;
}

/** What became of the events that were taken. */
export interface FannedOut {
  fresh: FreshDelivery[];
  /** Endpoints that have deliveries which are due. */
  endpointIds: string[];
  mayHaveMore: boolean;
}

/**
 * Takes the oldest events that are due for webhooks, and creates a delivery of each for every
 * endpoint that is to get it, in one statement.
 *
 * Deliveries to endpoints that work are for the caller to send. They become due for others after
 * `takenForMs`, in case it dies. All others are due at once: of endpoints that fail, and of those
 * that have more to get already.
 *
 * Safe to repeat: an event is taken once.
 */
export async function fanOutEvents(db: Db, takenForMs: number): Promise<FannedOut> {
  const rows = await run(db, FAN_OUT, [BATCH, takenForMs]);
  const taken = new Set(rows.map(({ event_id: eventId }) => eventId));
  const created = rows.filter((row): row is CreatedRow => row.id !== null);
  const due = created.filter(({ is_due: isDue }) => isDue);
  return {
    fresh: created.filter((row) => !row.is_due).map(toFresh),
    endpointIds: [...new Set(due.map(({ endpoint_id: endpointId }) => endpointId))],
    mayHaveMore: taken.size === BATCH,
  };
}

interface CreatedRow extends DueRow, ReceiverRow {
  endpoint_id: string;
  is_due: boolean;
}

/** An event that nobody hears of has a row, too. */
type FannedRow = CreatedRow | { id: null; event_id: string };

const toFresh = (row: CreatedRow): FreshDelivery => ({
  receiver: toReceiver(row.endpoint_id, row),
  delivery: toDelivery(row),
  bookingId: row.booking_id,
});

const FAN_OUT = statement<FannedRow, [limit: number, takenForMs: number]>(
  'fan_out_events',
  `WITH taken AS (
     ${takenEventsSql('webhooks_due')}
   ), fanned AS (
     INSERT INTO webhook_deliveries AS d (endpoint_id, event_id, due_at)
     SELECT e.id, t.id, now() + CASE
         WHEN e.failing_since IS NULL AND NOT EXISTS (SELECT FROM webhook_deliveries waiting
           WHERE waiting.endpoint_id = e.id AND waiting.status = 'pending'
             AND waiting.due_at <= now())
         THEN $2::float8 * interval '1 millisecond' ELSE interval '0' END
     FROM taken t
     JOIN bookings b ON b.id = t.booking_id
     JOIN webhook_endpoints e ON e.owner_id = b.customer_id
     WHERE e.status = 'enabled' AND (e.events IS NULL OR t.type = ANY (e.events))
     RETURNING d.id, d.endpoint_id, d.event_id, d.attempt, d.first_due_at, d.due_at <= now() AS is_due
   )
   SELECT f.id, f.endpoint_id, t.id AS event_id, f.attempt, f.first_due_at, f.is_due,
     t.type, t.booking_id, t.sequence, t.occurred_at, ${RECEIVER_COLUMNS}
   FROM taken t LEFT JOIN fanned f ON f.event_id = t.id
   LEFT JOIN webhook_endpoints e ON e.id = f.endpoint_id
   ORDER BY t.occurred_at, t.booking_id, t.sequence`,
);

/** Lets others send deliveries that were taken. Safe to repeat. */
export async function handOver(db: Db, deliveryIds: readonly string[]): Promise<void> {
  await run(db, HAND_OVER, [deliveryIds]);
}

const HAND_OVER = statement<object, [deliveryIds: readonly string[]]>(
  'hand_over_deliveries',
  `UPDATE webhook_deliveries SET due_at = now() WHERE id = ANY ($1::uuid[]) AND status = 'pending'`,
);

/**
 * Lets others send what was taken by a process that has died since. One that is alive may send it,
 * too: receivers know an event by its ID.
 */
export async function handOverAll(db: Db): Promise<void> {
  await run(db, HAND_OVER_ALL, []);
}

const HAND_OVER_ALL = statement<object, []>(
  'hand_over_all_deliveries',
  `UPDATE webhook_deliveries SET due_at = now()
   WHERE ${IS_TAKEN_SQL}`,
);
