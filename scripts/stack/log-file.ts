import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/**
 * The old log is kept once; two of these are the most that one program's log takes after a start.
 */
const ROTATE_AT_BYTES = 5 * 1024 * 1024;

/**
 * Opens a log for appending, putting a long one aside first. Returns the descriptor and where this
 * start's part begins.
 */
export function openLog(file: string): { fd: number; startsAt: number } {
  if (existsSync(file) && statSync(file).size > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
  const fd = openSync(file, 'a', 0o600);
  return { fd, startsAt: existsSync(file) ? statSync(file).size : 0 };
}

/**
 * The end of what was logged since a start, at most some 2 kB: for the message when the start
 * failed.
 */
export function logTail(file: string, startsAt: number): string {
  const size = statSync(file).size;
  const from = Math.max(startsAt, size - 2_000);
  const tail = Buffer.alloc(Math.max(0, size - from));
  const fd = openSync(file, 'r');
  readSync(fd, tail, 0, tail.length, from);
  closeSync(fd);
  return tail.toString('utf8').trim();
}
