import type { Db } from '../connection';
import type { Findings, Suspect } from './findings';
import { findHorizon, type Horizon } from './horizon';
import {
  advanceEvents,
  advanceRows,
  readProgress,
  replaceSuspects,
  type Progress,
} from './progress';
import { inSnapshot } from './snapshot';
import { checkSubjects } from './subjects';

/** How many rows are read at once. */
const EVENTS = 5_000;
const SUSPECTS = 1_000;

/** Rows without events are read in pieces of the time in which they were written. */
const PIECE_MS = 60 * 60 * 1000;

/**
 * Rows carry the time at which their transaction began. No transaction lasts so long: the server
 * ends idle ones after seconds, and each statement after ten.
 */
const LONGEST_TRANSACTION_MS = 60 * 60 * 1000;

/**
 * Checks what was changed since the last run, what was changed by hand, what violated an invariant
 * before, and all that is open. Each statement reads one batch, by an index.
 *
 * What violates an invariant becomes a suspect, and is reported by every run until it is mended.
 * What the time does not suffice for is noted as a failure; the next run begins there. Returns how
 * far back the run goes.
 */
export async function checkChanges(
  db: Db,
  findings: Findings,
  { until }: { until: number },
): Promise<Date> {
  const progress = await readProgress(db);
  // Suspects are deleted one by one: those that appear later stay for the next run.
  const horizon = await findHorizon(db, ['booking_events']);
  await inSnapshot(db, findings, (snapshot) => snapshot.check('open', {}));
  const run = { db, findings, until, progress, horizon };
  const isReached =
    (await auditSuspects(run)) && (await auditEvents(run)) && (await auditRecent(run));
  if (!isReached) findings.fail('all invariants', NOT_REACHED);
  return beginningOf(progress);
}

function beginningOf({ rowsCheckedTo }: Progress): Date {
  return new Date(rowsCheckedTo.getTime() - LONGEST_TRANSACTION_MS);
}

const NOT_REACHED =
  'There was no time for all that changed: the next run continues. audit --full checks everything.';

const TOO_MUCH_BY_HAND =
  'More was changed by hand than is worth listing: audit --full checks everything.';

interface Run {
  db: Db;
  findings: Findings;
  until: number;
  progress: Progress;
  horizon: Horizon;
}

/** Returns whether all suspects were checked in time, as are the next two. */
async function auditSuspects({ db, findings, until, horizon }: Run): Promise<boolean> {
  for (let after = 0; ;) {
    const { rows } = await db.raw<{
      rows: (Omit<Suspect, 'kind'> & { id: number; kind: string })[];
    }>(
      `SELECT id, kind, subject FROM audit_suspects WHERE id > ? AND id <= ?
       ORDER BY id LIMIT ${SUSPECTS}`,
      [after, horizon.suspectId],
    );
    const last = rows.at(-1);
    if (last === undefined) return true;
    if (Date.now() > until) return false;
    const isEverything = rows.some(({ kind }) => kind === 'everything');
    if (isEverything) findings.fail('all invariants', TOO_MUCH_BY_HAND);
    const listed = rows.filter(({ kind }) => kind !== 'everything');
    const violators = await checkSubjects(db, findings, listed as Suspect[]);
    if (findings.isComplete)
      await replaceSuspects(
        db,
        listed.map(({ id }) => id),
        violators,
      );
    after = last.id;
  }
}

async function auditEvents({ db, findings, until, progress, horizon }: Run): Promise<boolean> {
  for (let after = progress.eventsCheckedTo; after < horizon.eventId;) {
    if (Date.now() > until) return false;
    const { rows } = await db.raw<{ rows: { id: number; subject: string }[] }>(
      `SELECT id, booking_id AS subject FROM booking_events WHERE id > ? AND id <= ?
       ORDER BY id LIMIT ${EVENTS}`,
      [after, horizon.eventId],
    );
    const bookings = [...new Set(rows.map(({ subject }) => subject))];
    const violators = await checkSubjects(
      db,
      findings,
      bookings.map((subject) => ({ kind: 'booking', subject })),
    );
    after = rows.length < EVENTS ? horizon.eventId : (rows.at(-1)?.id ?? horizon.eventId);
    if (findings.isComplete && horizon.isSettled) await advanceEvents(db, after, violators);
    else if (findings.isComplete) await replaceSuspects(db, [], violators);
  }
  return true;
}

async function auditRecent({ db, findings, until, progress, horizon }: Run): Promise<boolean> {
  const end = new Date(horizon.at);
  let from = beginningOf(progress);
  while (from < end) {
    if (Date.now() > until) return false;
    const to = new Date(Math.min(from.getTime() + PIECE_MS, end.getTime()));
    const violators = await inSnapshot(db, findings, (snapshot) =>
      snapshot.check('recent', { from, to }),
    );
    if (findings.isComplete) await advanceRows(db, to, violators);
    from = to;
  }
  return true;
}
