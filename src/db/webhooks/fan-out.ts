import type { Db } from '../connection';
import { takenEventsSql } from '../outgoing-events/take';
import { run, statement } from '../statement';

/** A statement of so many events takes some milliseconds. */
const BATCH = 200;

/**
 * Takes the oldest events that are due for webhooks, and creates a delivery of each for every
 * endpoint that is to get it, in one statement. Returns the endpoints that got any, and whether
 * there may be more events.
 *
 * Safe to repeat: an event is taken once.
 */
export async function fanOutEvents(
  db: Db,
): Promise<{ endpointIds: string[]; mayHaveMore: boolean }> {
  const [row] = await run(db, FAN_OUT, [BATCH]);
  if (row === undefined) throw new Error('Bug: counting returned no row');
  return { endpointIds: row.endpoints, mayHaveMore: row.taken === BATCH };
}

const FAN_OUT = statement<{ taken: number; endpoints: string[] }, [limit: number]>(
  'fan_out_events',
  `WITH taken AS (
     ${takenEventsSql('webhooks_due')}
   ), fanned AS (
     INSERT INTO webhook_deliveries (endpoint_id, event_id)
     SELECT e.id, t.id FROM taken t
     JOIN bookings b ON b.id = t.booking_id
     JOIN webhook_endpoints e ON e.owner_id = b.customer_id
     WHERE e.status = 'enabled' AND (e.events IS NULL OR t.type = ANY (e.events))
     RETURNING endpoint_id
   )
   SELECT (SELECT count(*) FROM taken) AS taken,
     ARRAY(SELECT DISTINCT endpoint_id FROM fanned) AS endpoints`,
);
