import { auditBooks, type RuleFailed } from '../db/audit/auditor';
import { listBookingStandings, type StoredStanding } from '../db/bookings/standing-view';
import type { Db } from '../db/connection';
import type { Violation } from '../temporal/contracts';
import type { WorkflowLookup, WorkflowStanding } from '../temporal/workflow-lookup';

/**
 * A workflow that has run longer than this, in milliseconds, with nothing in the database is stuck.
 */
const STUCK_AFTER_MS = 60_000;

/**
 * How long a workflow may run on after its booking is settled, in milliseconds: it completes
 * pending messages and ends.
 */
const SETTLING_MS = 10_000;

/**
 * Checks every invariant: in the books, and between the books and the workflows. Returns the
 * violations.
 *
 * @param onFailure Called for each check that failed; the rest is still checked. Without it the
 * first failure is thrown.
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
 * Compares each booking's status with its workflow's. Temporal's index lags behind, so an apparent
 * violation is checked again, in the database and by describing the workflow, before it counts.
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
 * Returns the invariant that a booking and its workflow violate, if any. A final booking whose
 * workflow was dropped or terminated violates none.
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

/** Returns the invariant that a settled booking and its workflow violate, if any. */
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
