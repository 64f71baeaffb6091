import type { z } from 'zod';
import { invalidField } from './problem';

/** Hides where a page ended in an opaque text. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * Reads a cursor that was handed out before.
 *
 * @throws Problem `validation_failed` when it is none of ours, or of another list.
 */
export function decodeCursor<T>(shape: z.ZodType<T>, cursor: string): T {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidField('/cursor', 'This is not a cursor that an answer of this list gave.');
  }
}
