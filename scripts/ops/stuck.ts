import type { Client } from '@temporalio/client';
import {
  listLongCharges,
  listOpenRefunds,
  listOverdueHolds,
  listStandings,
  type LongCharge,
  type OpenRefund,
  type OverdueHold,
} from '../../src/db/stuck-view';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../../src/temporal/contracts';
import { refundWorkflowId } from '../../src/temporal/refund-contracts';
import type { OpsDesk } from './desk';
import { formatMoney } from './format';

export type StuckKind =
  | 'hold_past_deadline'
  | 'charge_under_way'
  | 'refund_needs_operator'
  | 'refund_under_way'
  | 'not_in_database'
  | 'settled_but_running'
  | 'workflow_code_fails';

/** Something that does not get on by itself, and what to do about it. */
export interface Stuck {
  kind: StuckKind;
  /** Reference of the booking, or what else it is known by. */
  what: string;
  workflowId: string;
  /** Null for a refund whose booking nobody knows. */
  bookingId: string | null;
  paymentId: string | null;
  since: string;
  detail: string;
  todo: string;
}

/** Looks for everything that should have moved on by now and has not. */
export async function findStuck(
  { db, client }: Pick<OpsDesk, 'db' | 'client'>,
  now = new Date(),
): Promise<Stuck[]> {
  const [holds, charges, refunds] = await Promise.all([
    listOverdueHolds(db),
    listLongCharges(db),
    listOpenRefunds(db),
  ]);
  const running = await listRunning(client);
  const isRunning = (bookingId: string) => running.has(bookingWorkflowId(bookingId));
  return [
    ...holds.map((hold) => aboutHold(hold, isRunning(hold.bookingId))),
    ...charges.map((charge) => aboutCharge(charge, isRunning(charge.bookingId))),
    ...refunds.map(aboutRefund),
    ...(await findOutOfStep({ db, client }, running, now)),
    ...(await findFailingCode(client)),
  ];
}

/** Booking workflows that run, as Temporal's index has them, and since when. */
async function listRunning(client: Client): Promise<Map<string, Date>> {
  const query = `WorkflowType = '${BOOKING_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const running = new Map<string, Date>();
  for await (const { workflowId, startTime } of client.workflow.list({ query }))
    running.set(workflowId, startTime);
  return running;
}

function aboutHold(
  { bookingId, reference, paymentRequiredBy }: OverdueHold,
  isRunning: boolean,
): Stuck {
  return {
    kind: 'hold_past_deadline',
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId: null,
    since: paymentRequiredBy.toISOString(),
    detail: isRunning ? 'its workflow runs' : 'no workflow runs',
    todo: isRunning
      ? 'Start a worker, or see why it fails (worker log): the workflow frees the seats as soon as it can.'
      : 'npm run reconcile, from ten minutes past the deadline on; until then it is left alone.',
  };
}

function aboutCharge(
  { bookingId, reference, paymentId, createdAt, provider, status, ...money }: LongCharge,
  isRunning: boolean,
): Stuck {
  return {
    kind: 'charge_under_way',
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId,
    since: createdAt.toISOString(),
    detail: `${formatMoney(money)} at ${provider}, ${status}; ${isRunning ? 'its workflow runs' : 'no workflow runs'}`,
    todo: isRunning
      ? `See how the provider does: it is asked again by itself until sales close. npm run ops -- show ${reference}`
      : 'npm run reconcile: it starts a workflow that clears this up.',
  };
}

function aboutRefund(refund: OpenRefund): Stuck {
  const { paymentId, bookingId, provider, providerPaymentId, status, reason, createdAt } = refund;
  const needsOperator = status === 'needs_operator';
  return {
    kind: needsOperator ? 'refund_needs_operator' : 'refund_under_way',
    what: refund.reference ?? 'unknown booking',
    workflowId: refundWorkflowId(paymentId),
    bookingId,
    paymentId,
    since: createdAt.toISOString(),
    detail: `${formatMoney(refund)} of ${provider} (${providerPaymentId ?? 'ID unknown'}): ${reason}`,
    todo: needsOperator
      ? `Have it given back there, then: npm run ops -- settle-refund ${paymentId} --note … --as …`
      : `See how the provider does, then: npm run ops -- retry-refund ${paymentId} --as …`,
  };
}

/** A workflow answers whoever waits and ends within seconds of its booking's end; it gets into the database within a minute of its start. */
const SETTLING_MS = 10_000;
const ARRIVING_MS = 60_000;

/** Workflows that run although their booking is settled, or has not got into the database. */
async function findOutOfStep(
  { db, client }: Pick<OpsDesk, 'db' | 'client'>,
  running: Map<string, Date>,
  now: Date,
): Promise<Stuck[]> {
  const prefix = bookingWorkflowId('').length;
  const ids = new Map([...running].map(([id, since]) => [id.slice(prefix), since]));
  const standings = new Map(
    (await listStandings(db, [...ids.keys()])).map((row) => [row.bookingId, row]),
  );
  const found: Stuck[] = [];
  for (const [bookingId, startedAt] of ids) {
    const standing = standings.get(bookingId);
    const isSettled = standing?.status === 'booked' || standing?.status === 'cancelled';
    const since = isSettled ? standing.changedAt : startedAt;
    const isLate = now.getTime() - since.getTime() > (isSettled ? SETTLING_MS : ARRIVING_MS);
    if (!isLate || (standing !== undefined && !isSettled)) continue;
    const workflowId = bookingWorkflowId(bookingId);
    // The index is a second behind: what it has as running may have ended.
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
        ? `${standing.status}, and its workflow runs on`
        : 'accepted, and no seats yet',
      todo: isSettled
        ? `npm run ops -- show ${bookingId}, and see the worker log: its last steps fail.`
        : 'Start a worker, or see why it fails (worker log); PostgreSQL may be away.',
    });
  }
  return found;
}

/** What Temporal marks a workflow with whose code has failed five times in a row. */
const REPORTED_PROBLEMS =
  "TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')";

/** Workflows of any kind that can't go on because their code fails, or can't be replayed. */
async function findFailingCode(client: Client): Promise<Stuck[]> {
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
      detail: `${type} fails again and again`,
      todo: 'See the worker log, and roll back or fix the release; the workflow then goes on by itself. Do not terminate it.',
    });
  }
  return found;
}
