import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StackFailure } from './failure';
import { isRunning } from './processes';

/**
 * Makes this process the only stack on the data folder, until it ends. `program` is part of the
 * command line of every process that may hold the lock.
 *
 * @throws StackFailure when another one runs.
 */
export function takeLock(runDir: string, program = 'dev.mjs'): void {
  const file = path.join(runDir, 'dev.lock');
  while (!created(file, String(process.pid))) {
    const holder = Number(readFileSync(file, 'utf8'));
    // After a crash its ID may belong to anyone, to this very process, too.
    if (holder !== process.pid && isRunning(holder, program)) {
      throw new StackFailure(
        `A local stack runs on ${path.dirname(runDir)} as process ${holder}: stop it first, or set DATA_DIR and the ports for a second one.`,
      );
    }
    rmSync(file, { force: true });
  }
  process.once('exit', () => rmSync(file, { force: true }));
}

/** Makes the file with its text in one step; returns false when it is there. */
function created(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}
