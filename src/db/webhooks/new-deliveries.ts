import type { Db } from '../connection';

/** The API's own table: deliveries that an endpoint's owner asked for. */

/** Has a ping sent to an endpoint. Returns the delivery's ID. Each call is another ping. */
export async function addPing(db: Db, endpointId: string): Promise<string> {
  return add(db, { endpoint_id: endpointId, event_id: null });
}

/**
 * Has what a delivery sent sent again, with all its attempts. Returns the ID of the new delivery;
 * undefined when the endpoint has no such delivery.
 */
export async function addRedelivery(
  db: Db,
  endpointId: string,
  deliveryId: string,
): Promise<string | undefined> {
  const earlier = await db('webhook_deliveries')
    .where({ id: deliveryId, endpoint_id: endpointId })
    .first('event_id');
  return earlier && add(db, { endpoint_id: endpointId, event_id: earlier.event_id });
}

async function add(
  db: Db,
  delivery: { endpoint_id: string; event_id: string | null },
): Promise<string> {
  const [row] = await db('webhook_deliveries').insert(delivery).returning('id');
  if (row === undefined) throw new Error('Bug: an inserted delivery vanished');
  return row.id;
}
