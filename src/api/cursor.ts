import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidField } from './problem';

/** The query of a list, without `cursor` and `limit`: page sizes may change between pages. */
export type ListQuery = Readonly<Record<string, unknown>>;

const CursorContent = z.strictObject({ at: z.unknown(), seal: z.string() });

/** Encodes the end of a page as opaque text, which is valid for the same query only. */
export function encodeCursor(query: ListQuery, at: unknown): string {
  return Buffer.from(JSON.stringify({ at, seal: digestOf(query, at) })).toString('base64url');
}

/**
 * Decodes a cursor.
 *
 * @throws Problem `validation_failed` when it is not one of ours, was changed, or belongs to
 * another query.
 */
export function decodeCursor<T>(shape: z.ZodType<T>, query: ListQuery, cursor: string): T {
  const parsed = parse(cursor);
  const position = shape.safeParse(parsed?.at);
  if (parsed === undefined || !position.success || parsed.seal !== digestOf(query, parsed.at))
    throw invalidField('/cursor', 'This is not a cursor that this query returned.');
  return position.data;
}

/**
 * Returns a page of a list, and the cursor of the next one; null after the last page.
 *
 * @param found - From the page's first item on: one more than the limit, where there are so many.
 * @param positionOf - Of an item, in the order of the list.
 */
export function pageOf<Item>(
  found: readonly Item[],
  {
    query,
    limit,
    positionOf,
  }: { query: ListQuery; limit: number; positionOf: (item: Item) => unknown },
): { items: Item[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : encodeCursor(query, positionOf(last)) };
}

function parse(cursor: string): z.infer<typeof CursorContent> | undefined {
  try {
    return CursorContent.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Digest of a query and a position in its list: 96 bits, against mistakes. It is not a secret: with
 * one for another position, a client reads another page of a list that is open to it anyway.
 */
function digestOf(query: ListQuery, at: unknown): string {
  const parameters = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify([parameters, at]));
  return digest.digest('base64url').slice(0, 16);
}
