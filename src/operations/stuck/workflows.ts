import type { Client } from '@temporalio/client';
import { validate as isUuid } from 'uuid';
import { listStandings, type NamedStanding } from '../../db/audit/stuck-view';
import { listBookingStandings } from '../../db/bookings/standing-view';
import type { Db } from '../../db/connection';
import { findBrokenRule, type WorkflowStanding } from '../../domain/broken-rule';
import { bookingWorkflowId } from '../../temporal/contracts/booking';
import { createWorkflowLookup } from '../../temporal/clients/workflow-lookup';
import type { Stuck, System } from './case';

/**
 * Returns the booking workflows in Temporal's index that are undecided, with their start times.
 * Those of sold bookings run until departure: they are not stuck.
 */
export async function listUndecided(client: Client): Promise<Map<string, Date>> {
  const running = new Map<string, Date>();
  for await (const { bookingId, startedAt } of createWorkflowLookup(client).undecided())
    running.set(bookingWorkflowId(bookingId), startedAt);
  return running;
}

/** Workflows that are late by less are left to themselves: a flight may have left just now. */
const DEPARTED_MS = 15 * 60_000;

/** Returns workflows that run on although nothing of their booking can change any more. */
export async function findRunningOn(
  { db, client }: Pick<System, 'db' | 'client'>,
  now: Date,
): Promise<Stuck[]> {
  const workflows = createWorkflowLookup(client);
  const ending: WorkflowStanding[] = [];
  for await (const one of workflows.nearTheirEnd(new Date(now.getTime() - DEPARTED_MS))) {
    ending.push(one);
    // More than anyone reads at once.
    if (ending.length === PAGE) break;
  }
  const ids = ending.map(({ bookingId }) => bookingId).filter((id) => isUuid(id));
  const rows = new Map((await listBookingStandings(db, ids)).map((row) => [row.id, row]));
  const late = ending.filter((one) => findBrokenRule(rows.get(one.bookingId), one, new Date()));
  const found: Stuck[] = [];
  for (const { bookingId, startedAt } of late) {
    // The index is a second behind.
    const latest = await workflows.one(bookingId);
    if (!findBrokenRule(rows.get(bookingId), latest, new Date())) continue;
    found.push({
      kind: 'settled_but_running',
      what: bookingId,
      workflowId: bookingWorkflowId(bookingId),
      bookingId,
      paymentId: null,
      since: startedAt.toISOString(),
      detail: 'nothing of it can change any more, and its workflow is still running',
      todo: `npm run flights -- show ${bookingId}, and see the worker log: its last activities fail.`,
    });
  }
  return found;
}

/**
 * A workflow completes pending messages and ends within seconds of its booking's end. It gets into
 * the database within a minute of its start.
 */
const SETTLING_MS = 10_000;
const ARRIVING_MS = 60_000;

/** Returns workflows that run although their booking is settled, or is not in the database. */
export async function findOutOfStep(
  { db, client }: Pick<System, 'db' | 'client'>,
  running: Map<string, Date>,
  now: Date,
): Promise<Stuck[]> {
  const prefix = bookingWorkflowId('').length;
  const ids = new Map([...running].map(([id, since]) => [id.slice(prefix), since]));
  const standings = await readStandings(db, [...ids.keys()]);
  const found: Stuck[] = [];
  for (const [bookingId, startedAt] of ids) {
    const standing = standings.get(bookingId);
    const isSettled = standing?.status === 'booked' || standing?.status === 'cancelled';
    const since = isSettled ? standing.changedAt : startedAt;
    const isLate = now.getTime() - since.getTime() > (isSettled ? SETTLING_MS : ARRIVING_MS);
    if (!isLate || (standing !== undefined && !isSettled)) continue;
    const workflowId = bookingWorkflowId(bookingId);
    // The index is a second behind: a workflow that it has as running may have ended.
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') continue;
    found.push({
      kind: isSettled ? 'settled_but_running' : 'not_in_database',
      what: standing?.reference ?? bookingId,
      workflowId,
      bookingId,
      paymentId: null,
      since: since.toISOString(),
      detail: isSettled
        ? `${standing.status}, and its workflow is still running`
        : 'accepted, and no seats yet',
      todo: isSettled
        ? `npm run flights -- show ${bookingId}, and see the worker log: its last activities fail.`
        : 'Start a worker, or see why it fails (worker log); PostgreSQL may be unavailable.',
    });
  }
  return found;
}

/** How many bookings are read at once. */
const PAGE = 1_000;

async function readStandings(db: Db, ids: string[]): Promise<Map<string, NamedStanding>> {
  const standings = new Map<string, NamedStanding>();
  for (let start = 0; start < ids.length; start += PAGE)
    for (const row of await listStandings(db, ids.slice(start, start + PAGE)))
      standings.set(row.bookingId, row);
  return standings;
}

/** Temporal's marker of a workflow whose code has failed five times in a row. */
const REPORTED_PROBLEMS =
  "TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')";

/**
 * Returns workflows of any type that can't continue because their code fails, or can't be replayed.
 */
export async function findFailingCode(client: Client): Promise<Stuck[]> {
  const found: Stuck[] = [];
  const query = `ExecutionStatus = 'Running' AND ${REPORTED_PROBLEMS}`;
  for await (const { workflowId, type, startTime } of client.workflow.list({ query })) {
    found.push({
      kind: 'workflow_code_fails',
      what: workflowId,
      workflowId,
      bookingId: null,
      paymentId: null,
      since: startTime.toISOString(),
      detail: `${type} fails repeatedly`,
      todo:
        'See the worker log. If a key is missing, add it to the workers again. ' +
        'If a release fails, roll it back. The workflow then continues automatically. ' +
        'Terminate only a workflow whose input no key can decrypt; ' +
        'npm run flights -- reconcile releases what it held.',
    });
  }
  return found;
}
