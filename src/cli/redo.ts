import type { Client } from '@temporalio/client';
import { listBookingStandings } from '../db/bookings/standing-view';
import type { Db } from '../db/connection';
import type { CancellationReason } from '../domain/booking';
import { createResets, type RecentWorkflow } from '../temporal/clients/resets';
import {
  BOOKING_WORKFLOW,
  bookingState,
  bookingWorkflowId,
  type BookingWorkflow,
} from '../temporal/contracts/booking';
import { CANCELLATION_WORKFLOW } from '../temporal/contracts/cancellation';
import { PROVIDER_EVENT_WORKFLOW } from '../temporal/contracts/provider-event';
import { REFUND_WORKFLOW } from '../temporal/contracts/refund';
import { RECONCILIATION_SCHEDULES } from '../temporal/clients/schedules';

/** What was done again, by what it is; and workflows that had not come to rest, or failed. */
export interface Redone {
  cancellations: number;
  bookings: number;
  /** Held and cancelled since. */
  cancelledBookings: number;
  refunds: number;
  /** They never had seats: nothing was done again. */
  refusedBookings: number;
  left: { workflowId: string; why: string }[];
}

interface System {
  db: Db;
  client: Client;
}

/** As many as keep a few workers busy. */
const AT_ONCE = 16;

/**
 * Has workflows do again what they have done since an instant that our database was restored to.
 *
 * Each activity is keyed by booking and payment: the provider charges and refunds nothing twice, and
 * what the database still has stays as it is. Seats that were given up since go on sale first. Then
 * those take theirs who have seats now: they all had them at once. Then those who gave them up.
 *
 * Pauses reconciliation first, which would give back the money of bookings that are about to return.
 * Safe to repeat.
 */
export async function redoSince({ db, client }: System, since: Date): Promise<Redone> {
  const reason = `our database was restored to ${since.toISOString()}`;
  for (const id of RECONCILIATION_SCHEDULES) await client.schedule.getHandle(id).pause(reason);
  const resets = createResets(client);
  const left: Redone['left'] = [];

  async function redoOne(workflowId: string): Promise<void> {
    try {
      if (!(await resets.reset(workflowId, reason)))
        left.push({ workflowId, why: 'it is still at work' });
    } catch (error) {
      left.push({ workflowId, why: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Some at once, the oldest first. Settles when the last of them has come to rest. */
  async function redo(workflows: readonly RecentWorkflow[]): Promise<number> {
    const queue = workflows.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const { workflowId } of queue) await redoOne(workflowId);
      }),
    );
    return workflows.length;
  }

  const bookings = await resets.recent(BOOKING_WORKFLOW, since);
  const inDatabase = await openInDatabase(db, bookings);
  const cancelled = bookings.filter(({ bookingStatus }) => bookingStatus === 'cancelled');
  const freeSeats = cancelled.filter(({ workflowId }) => inDatabase.has(workflowId));
  const lost = cancelled.filter(({ workflowId }) => !inDatabase.has(workflowId));
  const hadSeats: RecentWorkflow[] = [];
  for (const one of lost) if (await everHeld(client, one)) hadSeats.push(one);

  return {
    cancellations:
      (await redo(await resets.recent(CANCELLATION_WORKFLOW, since))) + (await redo(freeSeats)),
    bookings: await redo(bookings.filter(({ bookingStatus }) => bookingStatus !== 'cancelled')),
    cancelledBookings: await redo(hadSeats),
    refusedBookings: lost.length - hadSeats.length,
    refunds:
      (await redo(await resets.recent(REFUND_WORKFLOW, since))) +
      (await redo(await resets.recent(PROVIDER_EVENT_WORKFLOW, since))),
    left,
  };
}

/** How many bookings are read at once. */
const PAGE = 1_000;

/** Returns the workflows whose booking the database has, and not as cancelled. */
async function openInDatabase(db: Db, workflows: readonly RecentWorkflow[]): Promise<Set<string>> {
  const prefix = bookingWorkflowId('').length;
  const open = new Set<string>();
  for (let start = 0; start < workflows.length; start += PAGE) {
    const ids = workflows
      .slice(start, start + PAGE)
      .map(({ workflowId }) => workflowId.slice(prefix));
    for (const { id, status } of await listBookingStandings(db, ids))
      if (status !== 'cancelled') open.add(bookingWorkflowId(id));
  }
  return open;
}

/** Why a booking ends that never had seats. */
const NEVER_HELD: readonly (CancellationReason | null)[] = [
  'seats_unavailable',
  'flight_closed',
  'too_many_holds',
  'reservation_failed',
];

/** One that can't be asked may have had seats. */
async function everHeld(client: Client, { workflowId }: RecentWorkflow): Promise<boolean> {
  const handle = client.workflow.getHandle<BookingWorkflow>(workflowId);
  const state = await handle.query(bookingState).catch(() => undefined);
  return state === undefined || !NEVER_HELD.includes(state.cancellationReason);
}

/** Describes what was done again. */
export function describeRedone(redone: Redone): string {
  const { cancellations, bookings, cancelledBookings, refunds, refusedBookings, left } = redone;
  return [
    `Done again: ${cancellations} cancellations, ${bookings} bookings, ${cancelledBookings} bookings that were cancelled, ${refunds} refunds and events of the provider.`,
    `Left as they are: ${refusedBookings} bookings that never had seats.`,
    ...left.map(({ workflowId, why }) => `LOOK: ${workflowId}: ${why}`),
    'Reconciliation is paused. Next: npm run flights -- reconcile, while what was paid for is held.',
  ].join('\n');
}
