import { deleteOldQuotes, type QuotePosition } from '../../db/changes/old-quotes';
import type { Db } from '../../db/connection';

/** Whoever asks for a change by a quote this long past is told that there is no such quote. */
const KEPT_MS = 24 * 60 * 60 * 1000;

interface Clearing {
  db: Db;
  now: Date;
  /** Called after each batch, with the time that it took. */
  afterBatch?: (elapsedMs: number) => Promise<void>;
}

/**
 * Deletes the quotes of changes that expired a day ago or earlier and were not used, in short
 * transactions. Returns how many. Safe to repeat, to kill, and to run twice at once.
 */
export async function clearOldQuotes({ db, now, afterBatch }: Clearing): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS);
  let deleted = 0;
  let after: QuotePosition | null = null;
  do {
    const startedAt = performance.now();
    const batch = await deleteOldQuotes(db, { before, after });
    deleted += batch.deleted;
    after = batch.next;
    await afterBatch?.(performance.now() - startedAt);
  } while (after !== null);
  return deleted;
}
