import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clearAway } from './postgres-service';
import { endProcess, isRunning } from './processes';

/**
 * Ends what a supervisor that was killed left running, named by its pid files. A process ID may
 * belong to anyone by now, so the command line must name our data folder. Databases are last: the
 * others write to them.
 */
export async function endOrphans(dataDir: string, runDir: string): Promise<void> {
  const names = readdirSync(runDir).flatMap((file) => /^(.+)[.]pid$/.exec(file)?.[1] ?? []);
  const databases = new Set(['postgres', ...names.filter((name) => name.endsWith('postgres'))]);
  for (const name of names.filter((one) => !databases.has(one))) {
    const file = path.join(runDir, `${name}.pid`);
    const pid = Number(readFileSync(file, 'utf8'));
    if (isRunning(pid, `${dataDir}${path.sep}`)) await endProcess(pid, 'SIGTERM', 15_000);
    rmSync(file);
  }
  for (const name of databases) {
    await clearAway(path.join(dataDir, name));
    rmSync(path.join(runDir, `${name}.pid`), { force: true });
  }
}
