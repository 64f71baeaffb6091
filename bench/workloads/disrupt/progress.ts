import type { Client } from '@temporalio/client';
import { query } from '../../../scripts/stack/postgres-cluster';
import { historyLengthOf } from '../../fill/open-workflows';
import { waitUntil } from '../../../src/cli/wait';
import { bookingWorkflowId } from '../../../src/temporal/contracts/booking';
import { SCHEDULE_CHANGE_WORKFLOW } from '../../../src/temporal/contracts/schedule-change';

/** What became of the bookings of cancelled flights. */
export interface Progress {
  affected: number;
  untold: number;
  settled: number;
  failed: number;
  /** What was paid for them, and what our books and the provider's say went back. */
  refunds: number;
  providerRefunds: number;
  owed: number;
  returned: number;
}

export async function readProgress(databaseUrl: string): Promise<Progress> {
  const [found] = await query<Progress>(
    databaseUrl,
    `SELECT affected::integer, untold::integer, settled::integer, failed::integer,
       refunds::integer, provider_refunds::integer AS "providerRefunds",
       owed::float8, returned::float8
     FROM (SELECT count(*) AS affected, count(*) FILTER (WHERE state = 'pending') AS untold,
         count(*) FILTER (WHERE state = 'settled') AS settled,
         count(*) FILTER (WHERE state = 'failed') AS failed
       FROM booking_schedule_changes) offers
     CROSS JOIN (SELECT count(*) AS refunds FROM refunds WHERE status = 'succeeded') ours
     CROSS JOIN (SELECT count(*) AS provider_refunds, coalesce(sum(amount), 0) AS returned
       FROM sandbox_provider.refunds) theirs
     CROSS JOIN (SELECT coalesce(sum(price_amount), 0) AS owed FROM bookings
       WHERE cancellation_reason = 'flight_cancelled') paid`,
  );
  if (found === undefined) throw new Error('Bug: no count came');
  return found;
}

/** Waits until that is so. Returns after how many seconds, or when the time was over. */
export async function secondsUntil(
  databaseUrl: string,
  isSo: (progress: Progress) => boolean,
  { timeoutMs, say }: { timeoutMs: number; say: (progress: Progress) => void },
): Promise<number> {
  const from = performance.now();
  await waitUntil(
    async () => {
      const progress = await readProgress(databaseUrl);
      say(progress);
      return isSo(progress);
    },
    { timeoutMs, intervalMs: 500, onTimeout: () => new Error('It took too long.') },
  ).catch(() => undefined);
  return (performance.now() - from) / 1000;
}

/** Moves flights so that the first leaves at that time, and each of the others so much later. */
export async function departAt(
  databaseUrl: string,
  flights: readonly string[],
  first: Date,
  gapSeconds: number,
): Promise<void> {
  const rows = flights.map((id, place) => {
    const departure = new Date(first.getTime() + place * gapSeconds * 1000).toISOString();
    return `('${id}'::uuid, '${departure}'::timestamptz)`;
  });
  await query(
    databaseUrl,
    `UPDATE flights SET departure_at = leaves, arrival_at = leaves + (arrival_at - departure_at)
     FROM (VALUES ${rows.join()}) AS moved (id, leaves) WHERE flights.id = moved.id`,
  );
}

/** Workflows that are described at once. */
const AT_ONCE = 16;

/** Returns the events of the longest history: of these bookings, and of every schedule change. */
export async function longestHistory(
  client: Client,
  bookingIds: readonly string[],
): Promise<{ ofBookings: number; ofScheduleChanges: number }> {
  const lengths: number[] = [];
  for (let first = 0; first < bookingIds.length; first += AT_ONCE) {
    const some = bookingIds.slice(first, first + AT_ONCE);
    lengths.push(
      ...(await Promise.all(some.map((id) => historyLengthOf(client, bookingWorkflowId(id))))),
    );
  }
  // As the server has it: the client's list would decrypt the memo of each, and this one has no key.
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `WorkflowType = '${SCHEDULE_CHANGE_WORKFLOW}'`,
  });
  const ofOthers = executions.map(({ historyLength }) => Number(historyLength));
  return { ofBookings: Math.max(...lengths), ofScheduleChanges: Math.max(...ofOthers) };
}
