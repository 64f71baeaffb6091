import type { Db } from '../connection';

/** Fails what an endpoint was still to get, in the transaction that disables it. */
export async function endPending(trx: Db, endpointId: string): Promise<void> {
  await trx('webhook_deliveries')
    .where({ endpoint_id: endpointId, status: 'pending' })
    .update({ status: 'failed', error: 'endpoint_disabled' });
}
