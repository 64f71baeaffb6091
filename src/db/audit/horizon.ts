import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from '../connection';

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
