import { Client, type ConnectionLike } from '@temporalio/client';
import type { Cluster } from '../../scripts/cluster/plan';
import { EncryptionKeys } from '../../src/config';
import { readBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { bookingWorkflowId } from '../../src/temporal/contracts/booking';
import { createEncryptionCodec } from '../../src/temporal/encryption/codec';
import { createDataConverter } from '../../src/temporal/encryption/data-converter';

/** Starts that are under way at once: as many as customers of the benchmark. */
const AT_ONCE = 16;

/** Each of them waits after so many until the last one has run, so that no long queue comes about. */
const IN_A_ROW = 32;

/**
 * Starts the workflows of sold bookings, as reconciliation starts those that were lost: each reads
 * its booking, and waits for its departure.
 */
export async function openWorkflows(
  { db, connection, cluster }: { db: Db; connection: ConnectionLike; cluster: Cluster },
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
    let own = 0;
    for (let id = bookingIds[begun++]; id !== undefined; id = bookingIds[begun++]) {
      const booking = (await readBooking(db, id))?.booking;
      const sale = await readSale(db, id);
      if (booking === undefined || sale === undefined) throw new Error(`Bug: ${id} is not sold`);
      await workflows.restore(booking, sale);
      started += 1;
      onProgress(started);
      own += 1;
      if (own % IN_A_ROW === 0) await untilWaiting(client, [id]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, starter));
  await untilWaiting(client, bookingIds.slice(-AT_ONCE * IN_A_ROW));
}

/** Started, and a task that is scheduled: it has not run yet. */
const EVENTS_OF_START = 2;

const TIMEOUT_MS = 300_000;

/** @throws Error when workflows have not run for minutes. */
async function untilWaiting(client: Client, bookingIds: readonly string[]): Promise<void> {
  const haveRun = async () => {
    const lengths = await Promise.all(
      bookingIds.map((id) => historyLengthOf(client, bookingWorkflowId(id))),
    );
    return lengths.every((length) => length > EVENTS_OF_START + 1);
  };
  await waitUntil(haveRun, {
    timeoutMs: TIMEOUT_MS,
    intervalMs: 500,
    onTimeout: () => new Error('Workflows were started that no worker runs.'),
  });
}

/** The number of events of a workflow, as the server tells it. */
export async function historyLengthOf(client: Client, workflowId: string): Promise<number> {
  const { namespace } = client.options;
  // The client's description would decrypt the memo.
  const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  });
  return Number(info?.historyLength);
}
