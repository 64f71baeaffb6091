import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from '../connection';
import type { Suspect } from './findings';

/** How far the books are checked. */
export interface Progress {
  /** Bookings with events up to this ID are checked, or are among the suspects. */
  eventsCheckedTo: number;
  /** Rows without events, written before this, are checked, or are among the suspects. */
  rowsCheckedTo: Date;
}

export async function readProgress(db: Db): Promise<Progress> {
  const row = await db('audit_progress').first();
  if (row === undefined) throw new Error('Bug: the audit has lost its progress');
  return { eventsCheckedTo: row.events_checked_to, rowsCheckedTo: row.rows_checked_to };
}

/** The end of what a run checks: everything up to it is visible to later snapshots. */
export interface Horizon {
  eventId: number;
  suspectId: number;
  /** The database's clock, in ISO 8601. */
  at: string;
  /** False when a transaction stayed open: what it wrote may lie before the horizon, unseen. */
  isSettled: boolean;
}

/** The horizon of a run that notes nothing: it needs none. */
export const NO_HORIZON: Horizon = {
  eventId: 0,
  suspectId: 0,
  at: new Date(0).toISOString(),
  isSettled: false,
};

/** Transactions of ours take milliseconds, and the server ends them after a few seconds. */
const WRITERS_END_WITHIN_MS = 15_000;
const ASKED_AGAIN_AFTER_MS = 50;

/**
 * Finds an ID of each of these tables below which nothing can appear any more.
 *
 * IDs are given in order, but transactions commit in any order: a smaller ID may become visible
 * after a greater one. A statement locks the table before it takes an ID, and keeps the lock until
 * its transaction is visible or undone. So once everyone who had the lock when the greatest ID was
 * read is gone, all smaller IDs are decided. Later writers get greater IDs.
 */
export async function findHorizon(db: Db, tables: readonly NumberedTable[]): Promise<Horizon> {
  const { rows } = await db.raw<{ rows: [Omit<Horizon, 'at' | 'isSettled'> & { at: Date }] }>(
    `SELECT coalesce((SELECT max(id) FROM booking_events), 0) AS "eventId",
       coalesce((SELECT max(id) FROM audit_suspects), 0) AS "suspectId", clock_timestamp() AS at`,
  );
  const [{ eventId, suspectId, at }] = rows;
  const giveUpAt = Date.now() + WRITERS_END_WITHIN_MS;
  let writers = await listWriters(db, tables);
  while (writers.length > 0 && Date.now() < giveUpAt) {
    await wait(ASKED_AGAIN_AFTER_MS);
    const now = new Set(await listWriters(db, tables));
    writers = writers.filter((writer) => now.has(writer));
  }
  return { eventId, suspectId, at: at.toISOString(), isSettled: writers.length === 0 };
}

type NumberedTable = 'booking_events' | 'audit_suspects';

/** Returns the transactions that may be writing these tables at this moment. */
async function listWriters(db: Db, tables: readonly NumberedTable[]): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { writer: string }[] }>(
    `SELECT DISTINCT virtualtransaction AS writer FROM pg_locks
     WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation = ANY (CAST(CAST(:tables AS text[]) AS regclass[]))
       AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()`,
    { tables: [...tables] },
  );
  return rows.map(({ writer }) => writer);
}

/**
 * Replaces suspects that were checked by those that violate an invariant. Safe to repeat, and
 * beside other runs: each deletes only what it has read, and adds what it has found.
 */
export async function replaceSuspects(
  db: Db,
  checkedIds: readonly number[],
  violators: readonly Suspect[],
): Promise<void> {
  if (checkedIds.length + violators.length === 0) return;
  await unlessReadOnly(() =>
    db.transaction(async (trx) => {
      await addSuspects(trx, violators);
      await trx('audit_suspects')
        .whereRaw('id = ANY (CAST(? AS bigint[]))', [[...checkedIds]])
        .delete();
    }),
  );
}

/** Notes that events up to this ID are checked; what violates an invariant becomes a suspect. */
export async function advanceEvents(
  db: Db,
  eventId: number,
  violators: readonly Suspect[],
): Promise<void> {
  await unlessReadOnly(() =>
    db.transaction(async (trx) => {
      await addSuspects(trx, violators);
      await trx.raw(
        'UPDATE audit_progress SET events_checked_to = greatest(events_checked_to, ?)',
        [eventId],
      );
    }),
  );
}

/** Notes that rows without events, written before this instant, are checked; as above. */
export async function advanceRows(db: Db, at: Date, violators: readonly Suspect[]): Promise<void> {
  await unlessReadOnly(() =>
    db.transaction(async (trx) => {
      await addSuspects(trx, violators);
      await trx.raw('UPDATE audit_progress SET rows_checked_to = greatest(rows_checked_to, ?)', [
        at,
      ]);
    }),
  );
}

/**
 * Notes that everything up to the horizon was checked by a complete run. Suspects that it found
 * itself are newer, and stay.
 */
export async function finishWhole(db: Db, { eventId, suspectId, at }: Horizon): Promise<void> {
  await unlessReadOnly(() =>
    db.transaction(async (trx) => {
      await trx('audit_suspects').where('id', '<=', suspectId).delete();
      await trx.raw(
        `UPDATE audit_progress SET events_checked_to = greatest(events_checked_to, :eventId),
           rows_checked_to = greatest(rows_checked_to, CAST(:at AS timestamptz)),
           whole_checked_at = :at`,
        { eventId, at },
      );
    }),
  );
}

async function addSuspects(trx: Db, suspects: readonly Suspect[]): Promise<void> {
  if (suspects.length === 0) return;
  await trx.raw(
    `INSERT INTO audit_suspects (kind, subject)
     SELECT DISTINCT * FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS text[]))`,
    {
      kinds: suspects.map(({ kind }) => kind),
      subjects: suspects.map(({ subject }) => subject),
    },
  );
}

/** SQLSTATEs: this user may not write here; this server takes no writes. */
const READ_ONLY = ['42501', '25006'];

/** Someone who may only read audits all the same: the next run then begins where this one did. */
async function unlessReadOnly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isReadOnly =
      error instanceof Error && 'code' in error && READ_ONLY.includes(String(error.code));
    if (!isReadOnly) throw error;
  }
}
