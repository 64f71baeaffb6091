import type { Client } from '@temporalio/client';
import {
  listLongChanges,
  listOverdueOffers,
  listUntoldBookings,
  type LongChange,
  type UnsettledNotice,
} from '../../db/audit/stuck-changes-view';
import { withTimeout } from '../../temporal/clients/reach';
import { bookingState, bookingWorkflowId } from '../../temporal/contracts/booking';
import { createWorkflowLookup } from '../../temporal/clients/workflow-lookup';
import type { Stuck, System } from './case';

/** So long after the time to pay a change has ended, unless the provider does not respond. */
const DECIDING_MS = 10 * 60_000;

/** A worker responds in milliseconds, or none is running. */
const QUERY_TIMEOUT_MS = 3_000;

/** What a booking's workflow does about a change that is pending in the database. */
type Maker = 'gone' | 'behind' | 'at_it';

/** Finds changes and schedule changes that should have made progress by now and have not. */
export async function findStuckChanges(
  { db, client }: Pick<System, 'db' | 'client'>,
  now: Date,
): Promise<Stuck[]> {
  const [changes, untold, overdue] = await Promise.all([
    listLongChanges(db),
    listUntoldBookings(db),
    listOverdueOffers(db),
  ]);
  const workflows = createWorkflowLookup(client);
  // Those of sold bookings are too many to list: these few are looked at one by one.
  const isRunning = async (bookingId: string) =>
    (await workflows.one(bookingId))?.state === 'running';
  const found: Stuck[] = [];
  for (const change of changes) {
    const maker = (await isRunning(change.bookingId))
      ? await runningMaker(client, change.bookingId)
      : 'gone';
    const isEarly = change.paymentRequiredBy.getTime() + DECIDING_MS > now.getTime();
    if (maker === 'at_it' && isEarly) continue;
    found.push(aboutChange(change, maker));
  }
  for (const notice of untold) found.push(aboutUntold(notice, await isRunning(notice.bookingId)));
  for (const notice of overdue) found.push(aboutOverdue(notice, await isRunning(notice.bookingId)));
  return found;
}

/** Asks a running workflow. One that no worker runs does not say: it is taken to be at it. */
async function runningMaker(client: Client, bookingId: string): Promise<Maker> {
  const handle = client.workflow.getHandle(bookingWorkflowId(bookingId));
  try {
    const state = await withTimeout(client, QUERY_TIMEOUT_MS, () => handle.query(bookingState));
    return state.activity === 'changing' ? 'at_it' : 'behind';
  } catch {
    return 'at_it';
  }
}

function aboutChange({ bookingId, reference, changeId, createdAt }: LongChange, maker: Maker) {
  const isBehind = maker === 'behind' ? ', and does not know of it' : '';
  return {
    ...named({ bookingId, reference }),
    kind: 'change_under_way' as const,
    since: createdAt.toISOString(),
    detail: `change ${changeId} is not decided; ${said(maker !== 'gone')}${isBehind}`,
    todo: whatToDoAbout(reference, maker),
  };
}

function whatToDoAbout(reference: string, maker: Maker): string {
  switch (maker) {
    case 'at_it':
      return (
        'Check the provider: it is asked again automatically, and after an hour the change is undone. ' +
        `Now: npm run flights -- retry-payment ${reference} --note … --as …`
      );
    case 'behind':
      return 'npm run flights -- reconcile: it has the workflow begin anew, which undoes the change.';
    case 'gone':
      return 'npm run flights -- reconcile: it starts the workflow again, which undoes the change.';
    default:
      throw new Error(`Bug: ${String(maker satisfies never)} is no maker of a change`);
  }
}

function aboutUntold(
  { scheduleChangeId, kind, since, ...booking }: UnsettledNotice,
  runs: boolean,
) {
  return {
    ...named(booking),
    kind: 'schedule_change_untold' as const,
    since: since.toISOString(),
    detail: `its flight is ${kind} (${scheduleChangeId}), and it was not told; ${said(runs)}`,
    todo:
      'npm run flights -- reconcile: it tells the booking again. ' +
      'One that stays here: see the worker log, its activities fail.',
  };
}

function aboutOverdue(
  { scheduleChangeId, kind, since, ...booking }: UnsettledNotice,
  runs: boolean,
) {
  return {
    ...named(booking),
    kind: 'schedule_change_overdue' as const,
    since: since.toISOString(),
    detail: `its flight is ${kind} (${scheduleChangeId}), and the time to respond is over; ${said(runs)}`,
    todo: runs
      ? 'Start a worker, or see why it fails (worker log): the workflow then does what is due.'
      : 'npm run flights -- reconcile: it starts the workflow again, which does what is due.',
  };
}

function named({ bookingId, reference }: { bookingId: string; reference: string }) {
  return {
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId: null,
  };
}

function said(runs: boolean): string {
  return runs ? 'its workflow runs' : 'no workflow runs';
}
