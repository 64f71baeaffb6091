import type { Db } from '../connection';

/** How many quotes one statement looks at: a few milliseconds. */
const BATCH = 1_000;

/** Where a run goes on: behind the last quote that was looked at. */
export interface QuotePosition {
  expiresAt: string;
  id: string;
}

/**
 * Deletes quotes that expired before an instant, a part at a time, the oldest first. The quote of a
 * change that was begun stays with it.
 *
 * Safe to repeat, and to run twice at once. Returns how many, and where to go on; null at the end.
 */
export async function deleteOldQuotes(
  db: Db,
  { before, after }: { before: Date; after: QuotePosition | null },
): Promise<{ deleted: number; next: QuotePosition | null }> {
  const { rows } = await db.raw<{
    rows: [{ looked_at: number; deleted: number; expires_at: string | null; id: string | null }];
  }>(
    `WITH old AS (
       SELECT id, expires_at FROM change_quotes
       WHERE expires_at < :before AND expires_at >= CAST(:expiresAt AS timestamptz)
         AND (expires_at, id) > (CAST(:expiresAt AS timestamptz), CAST(:id AS uuid))
       ORDER BY expires_at, id LIMIT ${BATCH}
     ), gone AS (
       DELETE FROM change_quotes q USING old WHERE q.id = old.id
         AND NOT EXISTS (SELECT FROM changes c WHERE c.quote_id = q.id) RETURNING q.id
     ), last AS (SELECT id, expires_at FROM old ORDER BY expires_at DESC, id DESC LIMIT 1)
     SELECT (SELECT count(*) FROM old) AS looked_at, (SELECT count(*) FROM gone) AS deleted,
       CAST(last.expires_at AS text) AS expires_at, last.id
     FROM (VALUES (1)) one LEFT JOIN last ON true`,
    {
      before,
      ...(after ?? { expiresAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' }),
    },
  );
  const [{ looked_at, deleted, expires_at, id }] = rows;
  const isEnd = looked_at < BATCH || expires_at === null || id === null;
  return { deleted, next: isEnd ? null : { expiresAt: expires_at, id } };
}
