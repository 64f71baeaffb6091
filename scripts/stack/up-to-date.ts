import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Returns whether a file that was made is there, and younger than all that it is made from. */
export function isUpToDate(file: string, sources: readonly string[]): boolean {
  const madeAt = changedAt(file);
  return madeAt !== undefined && sources.every((source) => isOlder(source, madeAt));
}

function isOlder(source: string, instant: number): boolean {
  const own = changedAt(source);
  if (own === undefined || own >= instant) return false;
  if (!statSync(source).isDirectory()) return true;
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).every((entry) => {
    const at = changedAt(path.join(source, entry));
    return at !== undefined && at < instant;
  });
}

function changedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
