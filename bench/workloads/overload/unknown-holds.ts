import type { Client } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { waitUntil } from '../../../src/cli/wait';

/** Work that was begun for refused requests has ended by then. */
const SETTLING_MS = 120_000;

/**
 * Returns how many of these keys have a booking that holds a seat, or did: their clients were
 * refused, and told of no booking.
 */
export async function countHoldsOf(databaseUrl: string, keys: readonly string[]): Promise<number> {
  const postgres = new Postgres({ connectionString: databaseUrl });
  await postgres.connect();
  try {
    const { rows } = await postgres.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM idempotency_outcomes
       WHERE route = 'bookings' AND kind = 'booking_created' AND key = ANY ($1)`,
      [keys],
    );
    return rows[0]?.count ?? 0;
  } finally {
    await postgres.end();
  }
}

/** Waits until no workflow has a reservation ahead of it. @throws Error when some still have. */
export async function waitForReservations(client: Client): Promise<void> {
  const query =
    "WorkflowType = 'bookingWorkflow' AND ExecutionStatus = 'Running' AND BookingStatus = 'initiated'";
  let left = 0;
  await waitUntil(
    async () => {
      const { count } = await client.workflow.count(query);
      left = count;
      return left === 0;
    },
    {
      timeoutMs: SETTLING_MS,
      intervalMs: 1_000,
      onTimeout: () => new Error(`${left} bookings are not reserved after two minutes.`),
    },
  );
}
