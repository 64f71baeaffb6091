import { auditBooks, type RuleFailed } from '../db/audit/auditor';
import { listBookingStandings, type StoredStanding } from '../db/bookings/standing-view';
import type { Db } from '../db/connection';
import type { Violation } from '../temporal/contracts';
import type { WorkflowLookup, WorkflowStanding } from '../temporal/workflow-lookup';

/**
 * A workflow that has been at it for longer without the database showing anything is stuck, in
 * milliseconds.
 */
const STUCK_AFTER_MS = 60_000;

/**
 * How long a workflow may run on after its booking is settled: it answers whoever waits, and ends.
 */
const SETTLING_MS = 10_000;

/**
 * Checks every invariant: in the books, and between the books and the workflows. Returns what
 * breaks them.
 *
 * @param onFailure Told of what could not be checked; the rest is checked nevertheless. Without it
 * the first failure is thrown.
 */
export async function audit(
  db: Db,
  workflows: WorkflowLookup,
  onFailure?: RuleFailed,
): Promise<Violation[]> {
  const violations = await auditBooks(db, onFailure);
  try {
    violations.push(...(await findDisagreements(db, workflows)));
  } catch (error) {
    if (onFailure === undefined) throw error;
    onFailure(WITH_WORKFLOWS, error instanceof Error ? error.message : String(error));
  }
  return violations;
}

const WITH_WORKFLOWS = 'bookings and their workflows agree';

/**
 * Compares each booking's status with its workflow's. Temporal's index lags behind, so whatever
 * looks wrong is looked at again, in the database and by its own description, before it counts.
 */
async function findDisagreements(db: Db, workflows: WorkflowLookup): Promise<Violation[]> {
  const known = new Map<string, WorkflowStanding>();
  for await (const standing of workflows.all()) known.set(standing.bookingId, standing);
  const stored = new Map((await listBookingStandings(db)).map((row) => [row.id, row]));

  const broken = new Map<string, string[]>();
  for (const bookingId of new Set([...known.keys(), ...stored.keys()])) {
    if (findBrokenRule(stored.get(bookingId), known.get(bookingId)) === undefined) continue;
    const [row] = await listBookingStandings(db, bookingId);
    const invariant = findBrokenRule(row, await workflows.one(bookingId));
    if (invariant !== undefined)
      broken.set(invariant, [...(broken.get(invariant) ?? []), bookingId]);
  }
  return [...broken].map(([invariant, ids]) => ({
    invariant,
    count: ids.length,
    examples: ids.slice(0, 5),
  }));
}

/**
 * The rule that a booking and its workflow break, if any. A final booking whose workflow was
 * dropped or terminated breaks none.
 */
export function findBrokenRule(
  row: StoredStanding | undefined,
  workflow: WorkflowStanding | undefined,
): string | undefined {
  const ageMs = workflow === undefined ? 0 : Date.now() - workflow.startedAt.getTime();
  if (row === undefined) {
    return workflow?.state === 'running' && ageMs > STUCK_AFTER_MS
      ? 'a booking gets into the database within a minute'
      : undefined;
  }
  switch (row.status) {
    case 'initiated':
    case 'pending':
      return workflow?.state === 'running'
        ? undefined
        : 'a pending booking has its workflow running';
    case 'booked':
    case 'cancelled':
      return findBrokenEnd(row, workflow);
    default:
      return row.status satisfies never;
  }
}

/** Of a booking that is settled. */
function findBrokenEnd(
  { status, settledForMs }: StoredStanding,
  workflow: WorkflowStanding | undefined,
): string | undefined {
  const state = workflow?.state ?? 'ended';
  switch (state) {
    case 'ended':
      return undefined;
    case 'running':
      return settledForMs > SETTLING_MS ? 'the workflow of a settled booking ends' : undefined;
    case 'completed':
      return workflow?.bookingStatus === status
        ? undefined
        : "a booking's status and its workflow's agree";
    default:
      return state satisfies never;
  }
}
