import type { Violation } from '../../temporal/contracts/reconciliation';
import type { Db } from '../connection';
import { checkChanges } from './changes';
import { Findings, type RuleFailed } from './findings';
import { auditWhole, beginUnkept, beginWhole, type Position } from './whole';

export type { RuleFailed } from './findings';
export type { Position } from './whole';

/**
 * Checks all of the books against the invariants, in plain SQL, and notes nothing. Returns the
 * violations: none if all is well.
 *
 * Reads page by page, each page in one snapshot, so that concurrent writes can't look like a
 * violation. Does not check what only Temporal knows: whether workflows agree.
 *
 * @param onFailure Called for each invariant that could not be checked; the others are still
 * checked. Without it the first failure is thrown.
 */
export async function auditBooks(db: Db, onFailure?: RuleFailed): Promise<Violation[]> {
  const findings = new Findings(onFailure);
  await auditWhole(db, findings, beginUnkept(), { until: Infinity, isKept: false });
  return findings.violations;
}

/** How long the changes of one run may take, in milliseconds. */
const CHANGES_MS = 40_000;

/** Books up to this size are checked as a whole each time, which takes seconds. */
const SMALL = { bookings: 20_000, flights: 50_000 };

/** What an audit found, and how far it went back; undefined for everything. */
interface Audited {
  violations: Violation[];
  since: Date | undefined;
}

/**
 * Checks what was changed since the last run, for at most about 40 s. Returns the violations, among
 * them those of earlier runs that are not mended.
 *
 * Notes what it has checked, if the user of the database may write that. Safe to repeat, and beside
 * other runs.
 */
export async function auditChanges(db: Db, onFailure?: RuleFailed): Promise<Audited> {
  const findings = new Findings(onFailure);
  const since = await checkChanges(db, findings, { until: Date.now() + CHANGES_MS });
  return { violations: findings.violations, since };
}

/** Checks everything, and notes that it has; as above. */
export async function auditWholeBooks(db: Db, onFailure?: RuleFailed): Promise<Audited> {
  const findings = new Findings(onFailure);
  await auditWhole(db, findings, await beginWhole(db), { until: Infinity, isKept: true });
  return { violations: findings.violations, since: undefined };
}

/**
 * Checks what was changed since the last run; of small books everything, so that even a change is
 * found that nothing has noted.
 */
export async function auditRecentBooks(db: Db, onFailure?: RuleFailed): Promise<Audited> {
  return (await areSmall(db)) ? auditWholeBooks(db, onFailure) : auditChanges(db, onFailure);
}

/**
 * Checks a part of all books, for as long as `forMs`. Returns where to continue, if there is more.
 * Safe to repeat.
 */
export async function auditPart(
  db: Db,
  from: Position | null,
  { forMs, onFailure }: { forMs: number; onFailure?: RuleFailed },
): Promise<{ violations: Violation[]; next: Position | null }> {
  const position = from ?? (await beginWhole(db));
  const findings = new Findings(onFailure, position.failed);
  const next = await auditWhole(db, findings, position, {
    until: Date.now() + forMs,
    isKept: true,
  });
  return { violations: findings.violations, next };
}

async function areSmall(db: Db): Promise<boolean> {
  const { rows } = await db.raw<{ rows: [{ bookings: number; flights: number }] }>(
    `SELECT (SELECT count(*) FROM (SELECT FROM bookings LIMIT :bookings + 1) few) AS bookings,
       (SELECT count(*) FROM (SELECT FROM flights LIMIT :flights + 1) few) AS flights`,
    SMALL,
  );
  const [{ bookings, flights }] = rows;
  return bookings <= SMALL.bookings && flights <= SMALL.flights;
}
