import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { takeLock } from '../stack/lock';
import { endOrphans } from '../stack/orphans';
import { freePort } from '../stack/ports';
import type { Service } from '../stack/service';
import type { Settings } from '../stack/settings';
import type { Shutdown } from '../stack/shutdown';
import type { Start } from '../stack/steps';
import { Supervised } from '../stack/supervised';
import { clusterSettings, planCluster, type Cluster, type Member } from './plan';

/** How many processes of each kind there are. */
export interface Size {
  apis: number;
  workers: number;
}

interface ScratchPlan {
  /** Everything is written there. It is emptied first. */
  dataDir: string;
  /** Part of the command line of those who use the folder: see {@link takeLock}. */
  program: string;
  scheduleDays: number;
  size: Size;
}

/** A cluster that is made to be measured or broken, whose parts start and end one by one. */
export interface ScratchCluster {
  cluster: Cluster;
  start: Start;
  /** Ends a part that was started, by its name, for good. One that has ended is no error. */
  stop: (name: string) => Promise<void>;
}

/**
 * Gives everything its place, on free ports. What an earlier run left behind is ended and removed:
 * every run begins with empty databases.
 *
 * @throws StackFailure when another one runs in the folder.
 */
export async function planScratchCluster(
  { dataDir: folder, program, scheduleDays, size }: ScratchPlan,
  shutdown: Shutdown,
): Promise<ScratchCluster> {
  const settings = await scratchSettings(folder, scheduleDays);
  const { dataDir, runDir, logDir } = settings;
  mkdirSync(runDir, { recursive: true });
  takeLock(runDir, program);
  await endOrphans(dataDir, runDir);
  for (const name of ['postgres', 'temporal-postgres', 'temporal', 'logs'])
    rmSync(path.join(dataDir, name), { recursive: true, force: true });
  mkdirSync(logDir, { recursive: true });

  const planned = await planCluster(settings);
  const started = new Map<string, Supervised>();
  return {
    cluster: {
      ...planned,
      apis: await members('api', size.apis),
      workers: names('worker', size.workers),
    },
    start: async (service: Service) => {
      const part = new Supervised(service, runDir, say);
      started.set(service.name, part);
      shutdown.parts.push(part);
      await part.start();
    },
    stop: async (name) => {
      const part = started.get(name);
      if (part === undefined) return;
      await part.stop(new AbortController().signal);
      shutdown.parts.splice(0, Infinity, ...shutdown.parts.filter((one) => one !== part));
      started.delete(name);
    },
  };
}

/** Lines of the processes would break the progress: they are shown on request only. */
function say(name: string, line: string): void {
  if (process.env.DEBUG) console.error(`${name} │ ${line}`);
}

/** Settings of the environment that are for the local stack's own servers don't count here. */
async function scratchSettings(dataDir: string, scheduleDays: number): Promise<Settings> {
  const ports = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'];
  const given: NodeJS.ProcessEnv = { DATA_DIR: dataDir, SCHEDULE_DAYS: String(scheduleDays) };
  for (const name of ports) given[name] = String(await freePort());
  return clusterSettings(given);
}

const names = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

async function members(kind: string, count: number): Promise<Member[]> {
  const found: Member[] = [];
  for (const name of names(kind, count)) found.push({ name, port: await freePort() });
  return found;
}
