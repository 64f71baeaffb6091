import { Client, type Connection } from '@temporalio/client';
import type { Cluster } from '../../scripts/cluster/plan';
import { EncryptionKeys } from '../../src/config';
import { readBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import type { Db } from '../../src/db/connection';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { createEncryptionCodec } from '../../src/temporal/encryption/codec';
import { createDataConverter } from '../../src/temporal/encryption/data-converter';

/** Starts that are under way at once: as many as customers of the benchmark. */
const AT_ONCE = 16;

/**
 * Starts the workflows of sold bookings, as reconciliation starts those that were lost: each reads
 * its booking, and waits for its departure.
 */
export async function openWorkflows(
  { db, connection, cluster }: { db: Db; connection: Connection; cluster: Cluster },
  bookingIds: readonly string[],
  onProgress: (started: number) => void,
): Promise<void> {
  const { secrets, settings } = cluster;
  const codec = createEncryptionCodec(EncryptionKeys.parse(secrets.payloadEncryptionKeys));
  const client = new Client({
    connection,
    namespace: settings.temporalNamespace,
    dataConverter: createDataConverter(codec),
  });
  const workflows = createBookingWorkflows(client, settings.taskQueue);
  let [begun, started] = [0, 0];
  const starter = async () => {
    for (let id = bookingIds[begun++]; id !== undefined; id = bookingIds[begun++]) {
      const booking = (await readBooking(db, id))?.booking;
      const sale = await readSale(db, id);
      if (booking === undefined || sale === undefined) throw new Error(`Bug: ${id} is not sold`);
      await workflows.restore(booking, sale);
      started += 1;
      onProgress(started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, starter));
}
