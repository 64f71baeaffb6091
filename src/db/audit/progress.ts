import type { Db } from '../connection';
import type { Suspect } from './findings';
import type { Horizon } from './horizon';

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
