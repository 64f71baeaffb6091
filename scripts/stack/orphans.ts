import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clearAway } from './postgres-service';
import { endProcess, isRunning } from './processes';

/**
 * Ends what a supervisor that was killed left running, named by its pid files. A process ID may belong to anyone by now, so the
 * command line must name our data folder.
 */
export async function endOrphans(dataDir: string, runDir: string): Promise<void> {
  for (const name of ['api', 'worker', 'temporal']) {
    const file = path.join(runDir, `${name}.pid`);
    if (!existsSync(file)) continue;
    const pid = Number(readFileSync(file, 'utf8'));
    if (isRunning(pid, `${dataDir}${path.sep}`)) await endProcess(pid, 'SIGTERM', 15_000);
    rmSync(file);
  }
  await clearAway(path.join(dataDir, 'postgres'));
  rmSync(path.join(runDir, 'postgres.pid'), { force: true });
}
