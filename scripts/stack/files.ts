import { renameSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that others may read at any time: they see the old content or the new one, never a
 * part.
 */
export function writeWhole(file: string, content: string | Buffer, mode = 0o644): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, file);
}
